"""A fitted scikit-learn estimator as plain tables: a bundle reads them without scikit-learn and pickle."""
