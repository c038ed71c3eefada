//! The table of secrets that are known by their form or by the name they stand under. How a match
//! is weighed is in `value`.

/// How a secret is found from its anchor.
pub(super) enum Shape {
    /// The secret begins at the anchor, and has this form.
    Token(&'static str),
    /// The secret is the group `v` of this, which begins at the anchor.
    After(&'static str),
    /// The anchor ends the name of a field; the secret is the field's value, this long at least.
    Named(usize),
    /// The same, where the name is a word of its own.
    Word(usize),
    /// The password of a URL, or a key that stands where a user would.
    Userinfo,
    /// The values of a `Cookie` header, all of which are the group `v` of this.
    Cookie(&'static str),
    /// The secret is the group `v` of this, where a text calls `curl`.
    Curl(&'static str),
}

/// One sort of secret.
pub(super) struct Rule {
    /// Its name in markers: lower-case letters and dashes.
    pub(super) name: &'static str,
    /// Texts one of which must be there, whatever their case, before anything costly is tried.
    pub(super) anchors: &'static [&'static str],
    pub(super) shape: Shape,
}

const fn token(name: &'static str, anchors: &'static [&'static str], form: &'static str) -> Rule {
    Rule { name, anchors, shape: Shape::Token(form) }
}

const fn after(name: &'static str, anchors: &'static [&'static str], form: &'static str) -> Rule {
    Rule { name, anchors, shape: Shape::After(form) }
}

const fn named(name: &'static str, anchors: &'static [&'static str], shortest: usize) -> Rule {
    Rule { name, anchors, shape: Shape::Named(shortest) }
}

const fn word(name: &'static str, anchors: &'static [&'static str], shortest: usize) -> Rule {
    Rule { name, anchors, shape: Shape::Word(shortest) }
}

impl Rule {
    /// The expressions to try in turn where an anchor is.
    pub(super) fn patterns(&self) -> Vec<String> {
        match self.shape {
            Shape::Token(form) => vec![format!("^(?-u)(?s)(?:{form})")],
            Shape::After(form) | Shape::Cookie(form) | Shape::Curl(form) => vec![format!("^(?-u)(?si)(?:{form})")],
            Shape::Named(_) | Shape::Word(_) | Shape::Userinfo => Vec::new(),
        }
    }
}

const PRIVATE_KEY: &str = concat!(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
    r"(?:[A-Za-z0-9+/=\s\\:,.()_-]*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*)",
);

/// Every rule.
pub(super) static RULES: &[Rule] = &[
    token("private-key", &["-----begin "], PRIVATE_KEY),
    token("aws-access-key", &["akia", "asia"], r"(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    token(
        "github-token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}",
    ),
    token("gitlab-token", &["glpat-", "gldt-", "glrt-", "glptt-"], r"gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_.-]{20,}"),
    token("slack-token", &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"], r"xox[baprs]-[A-Za-z0-9-]{10,}"),
    token("slack-app-token", &["xapp-"], r"xapp-[0-9]-[A-Za-z0-9-]{10,}"),
    after(
        "slack-webhook",
        &["hooks.slack.com"],
        r"hooks\.slack\.com\\?/services\\?/(?P<v>T[A-Z0-9]+\\?/B[A-Z0-9]+\\?/[A-Za-z0-9]{16,})",
    ),
    token("stripe-key", &["sk_live_", "rk_live_", "sk_test_", "rk_test_"], r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    token("stripe-webhook", &["whsec_"], r"whsec_[A-Za-z0-9+/=]{24,}"),
    token("model-api-key", &["sk-"], r"sk-[A-Za-z0-9_-]{20,}"),
    token("groq-key", &["gsk_"], r"gsk_[A-Za-z0-9]{40,}"),
    token("google-api-key", &["aiza"], r"AIza[0-9A-Za-z_-]{35}"),
    token("google-oauth-token", &["ya29."], r"ya29\.[0-9A-Za-z_-]{20,}"),
    token("google-client-secret", &["gocspx-"], r"GOCSPX-[0-9A-Za-z_-]{20,}"),
    token("huggingface-token", &["hf_"], r"hf_[A-Za-z0-9]{30,}"),
    token("npm-token", &["npm_"], r"npm_[A-Za-z0-9]{36}"),
    token("pypi-token", &["pypi-ag"], r"pypi-A[A-Za-z0-9_-]{50,}"),
    token("docker-token", &["dckr_pat_"], r"dckr_pat_[A-Za-z0-9_-]{20,}"),
    token("vault-token", &["hvs.", "hvb.", "hvr."], r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    token("databricks-token", &["dapi"], r"dapi[0-9a-f]{32}"),
    token("digitalocean-token", &["dop_v1_"], r"dop_v1_[a-f0-9]{64}"),
    token("sendgrid-key", &["sg."], r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
    token("langsmith-key", &["lsv"], r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    token("age-key", &["age-secret-key-"], r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    token("jwt", &["eyj"], r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    after(
        "authorization",
        &["authorization"],
        concat!(
            r#"authorization\\*["']?\s*[:=,]\s*(?:\\*"[A-Za-z_]{1,16}\\*"\s*:\s*|[\[{]\s*){0,8}\\*["']?"#,
            r"(?:bearer|basic|token|apikey|digest)\s+(?P<v>[A-Za-z0-9._~+/=-]{4,})",
        ),
    ),
    after("bearer-token", &["bearer "], r"bearer\s+(?P<v>[A-Za-z0-9._~+/=-]{20,})"),
    after("sas-signature", &["sig="], r"sig=(?P<v>[A-Za-z0-9%+/=_-]{40,})"),
    Rule { name: "url-password", anchors: &["://", ":\\/\\/"], shape: Shape::Userinfo },
    Rule {
        name: "basic-password",
        anchors: &[" -u", "\"-u\"", " --user", "\"--user\"", " --proxy-user", "\"--proxy-user\""],
        shape: Shape::Curl(concat!(
            r#"[ "](?:-u|--user|--proxy-user)\\*["']?\s*[,=]?\s*\\*["']?"#,
            r#"[^\s:"'\\@]{1,64}:(?P<v>[^\s"'\\]+)"#,
        )),
    },
    Rule {
        name: "cookie",
        anchors: &["cookie"],
        shape: Shape::Cookie(concat!(
            r#"cookie\\*["']?\s*[:=,]\s*(?:\\*"[A-Za-z_]{1,16}\\*"\s*:\s*|[\[{]\s*){0,8}\\*["']?"#,
            r#"(?P<v>[^"'\\\n\r]+)"#,
        )),
    },
    word("pin", &["pin", "pincode", "pin_code", "passcode"], 6),
    word("token", &["token"], 16),
    word("secret", &["secret"], 16),
    word("auth", &["auth"], 16),
    named("connection-string", &["connection_string", "connection-string", "connectionstring", "conn_str"], 16),
    named("password", &["password", "passwd", "passphrase", "pwd", "pgpass"], 3),
    named("client-secret", &["_secret", "-secret", "clientsecret", "appsecret", "webhooksecret", "sharedsecret"], 8),
    named("api-key", &["api_key", "api-key", "apikey"], 8),
    named(
        "access-token",
        &[
            "_token",
            "-token",
            "accesstoken",
            "refreshtoken",
            "authtoken",
            "sessiontoken",
            "idtoken",
            "apitoken",
            "bearertoken",
        ],
        12,
    ),
    named(
        "secret-key",
        &[
            "secret_key",
            "secret-key",
            "secretkey",
            "secret_access_key",
            "secretaccesskey",
            "private_key",
            "private-key",
            "privatekey",
            "account_key",
            "accountkey",
            "sharedaccesskey",
            "shared_access_key",
            "signing_key",
            "encryption_key",
            "master_key",
        ],
        8,
    ),
];
