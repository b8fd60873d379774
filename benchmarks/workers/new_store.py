"""Make ``mlflow.db`` with all its tables in the current folder: every side starts with a copy of it."""

from __future__ import annotations


def main() -> None:
    """Ask MLflow for its experiments, which makes the tables."""
    from mlflow import MlflowClient

    MlflowClient("sqlite:///mlflow.db").search_experiments(max_results=1)


if __name__ == "__main__":
    main()
