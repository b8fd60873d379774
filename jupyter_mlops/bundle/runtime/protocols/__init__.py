"""How clients may ask: each protocol reads a body into a question and writes the answers as it is used to."""
