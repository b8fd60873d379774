"""Secrets in code are found and named by line and kind; what only looks like one is left alone."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.secrets import Secret, is_secret_name, refuse_secrets, secrets_in

if TYPE_CHECKING:
    from pathlib import Path

# Made of parts, so that nobody who looks for secrets in this repository finds any.
NOISE = "k3Jd92LmQx7Zp0Vb5Rt8Wn1Yc4Hs6Gf2Aa9"
PARTS = {
    "an AWS access key": ("AKIA", "Z7QW3ERT5YUI9OPL"),
    "a GitHub token": ("ghp_", NOISE + "Q1"),
    "a GitLab token": ("glpat-", NOISE[:20]),
    "a Slack token": ("xoxb-", "1234567890-" + NOISE),
    "an OpenAI key": ("sk-", "proj-" + NOISE),
    "an Anthropic key": ("sk-ant-", "api03-" + NOISE),
    "a Hugging Face token": ("hf_", NOISE[:34]),
    "a Google API key": ("AIza", NOISE[:35]),
    "a Stripe key": ("sk_live_", NOISE),
    "a private key": ("-----BEGIN RSA ", "PRIVATE KEY-----"),
    "a JSON web token": (
        "eyJ",
        "hbGciOiJIUzI1NiJ9." + base64.b64encode(b'{"sub":"12345678"}').decode().strip("=") + "." + NOISE,
    ),
    "a password in an address": ("postgresql://ann:", "8fJq-2k@db.internal/sales"),
    "a token of a request": ("Bearer ", NOISE),
}


@pytest.mark.parametrize("kind", PARTS)
def test_tokens_are_known_by_their_form(kind: str) -> None:
    secret = "".join(PARTS[kind])
    assert secrets_in(f"x = 1\ncall('{secret}')\n", {}) == [Secret(2, kind)]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('password = "hunter2"', "a password"),
        ("connect(user='ann', password='Sommer2024')", "a password"),
        ('settings = {"db_password": "q8-Lk2"}', "a password"),
        ('settings["password"] = "q8-Lk2"', "a password"),
        ("PGPASSWORD: str = 'letmeinplease'", "a password"),
        ('os.environ["WANDB_API_KEY"] = "0a1b2c3d4e5f6a7b"', "a token or key"),
        ('client = Client(api_key="9f8e7d6c5b4a")', "a token or key"),
        ('accessToken = r"9f8e7d6c5b4a"', "a token or key"),
        ('aws_secret_access_key="wJalr7UtnFEMI/K7MDENG"', "a token or key"),
        ("%env HF_TOKEN=9f8e7d6c5b4a", "a token or key"),
        ("!export API_KEY=9f8e7d6c5b4a && run", "a token or key"),
        ("!tool --password hunter2", "a password"),
        ("# password='hunter2'", "a password"),
    ],
)
def test_secrets_are_known_by_the_name_they_are_assigned_to(line: str, kind: str) -> None:
    assert secrets_in(line, {}) == [Secret(1, kind)]


@pytest.mark.parametrize(
    "line",
    [
        'password = ""',
        'password = "***"',
        'token = "your-token"',
        'api_key = "<API_KEY>"',
        'password = "changeme"',
        'password = os.environ["DB_PASSWORD"]',
        "password = getpass('Password: ')",
        'password = f"{prefix}{suffix}1"',
        "password=None, token=None",
        'url = "postgresql://user:password@localhost/db"',
        'url = f"postgresql://{user}:{pw}@host/db"',
        'url = "https://user:$PASS@host/"',
        'url = "https://example.org:8080/a@b"',
        'headers = {"Authorization": f"Bearer {token}"}',
        'tokenizer(pad_token="<pad>", eos_token="<|endoftext|>", unk_token="[UNK]")',
        r'CountVectorizer(token_pattern=r"(?u)\b\w\w+\b", tokenizer="word12345")',
        'os.environ["TOKENIZERS_PARALLELISM"] = "false12345"',
        'dtypes = {"password": "float64", "token": "category"}',
        'df.rename(columns={"password": "user_password", "token": "special_token_12"})',
        'key = "customer_id_2024"',
        'max_tokens = "12345678"',
        'next_page_token = "eyJpbmRleCI6IDExfQ"',
        'uri = "postgresql://user:pass@localhost/db"',
        'place = "git://[path-to-repo[:]][ref@]path"',
        'doc = "sk-estimator-doc-link-and-many-more-words"',
        'example = "AKIAIOSFODNN7EXAMPLE"',
        'digest = "9b74c9897bac770ffc029102a200c5de"',
        'secret = load("vault")',
        'if token == "word": pass',
        'print("Enter your password: ")',
        'model = RandomForestClassifier(random_state=12345678, max_features="sqrt")',
    ],
)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert secrets_in(line, {}) == []


def test_values_of_the_environment_are_found_by_the_name_of_their_variable() -> None:
    environ = {"DB_PASSWORD": "rosebud and snow", "HOME": "/home/ann", "SHORT_TOKEN": "abc"}
    text = "home = '/home/ann'\nabc = 1\nlogin('rosebud and snow')"
    assert secrets_in(text, environ) == [Secret(3, "the value of DB_PASSWORD")]


def test_a_value_of_several_lines_is_found_as_code_writes_it() -> None:
    assert secrets_in("x = 'line one\\nline two'", {"MY_SECRET": "line one\nline two"}) == [
        Secret(1, "the value of MY_SECRET")
    ]


def test_a_variable_that_names_a_file_holds_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    file.write_text("{}")
    assert secrets_in(f"open({str(file)!r})", {"GOOGLE_APPLICATION_CREDENTIALS": str(file)}) == []


def test_names_of_secrets() -> None:
    secret = ["HF_TOKEN", "db_password", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "PGPASSWORD", "MyApiKey"]
    assert all(map(is_secret_name, secret))
    other = ["TOKENIZERS_PARALLELISM", "MAX_TOKENS", "HOME", "PWD", "KEYBOARD", "COMPASS", "PATH"]
    assert not any(map(is_secret_name, other))


def test_the_refusal_names_lines_and_kinds_and_never_the_secret() -> None:
    lines = ["a = 1", 'password = "hunter2"', f'k = "{"".join(PARTS["a GitHub token"])}"']
    with pytest.raises(BadInputError) as caught:
        refuse_secrets("\n".join(lines), "In[3]", {})
    assert caught.value.what == (
        "In[3] holds what looks like a secret: a password (line 2), a GitHub token (line 3)"
    )
    assert "os.environ" in caught.value.fix
    assert "hunter2" not in str(caught.value)
    refuse_secrets("a = 1", "In[3]", {})
