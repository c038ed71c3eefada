//! The company's names: people, feeds, model lines, services, agents. Tables only; what happens to them
//! is told elsewhere.

/// People beyond those the incident names: login, full name, team.
pub(super) const PEOPLE: &[(&str, &str, &str)] = &[
    ("b.castellanos", "Berta Castellanos", "risk-ml"),
    ("c.wu", "Chen Wu", "risk-ml"),
    ("e.lund", "Erik Lund", "ml-platform"),
    ("f.diallo", "Fatou Diallo", "ml-platform"),
    ("g.rossi", "Gianna Rossi", "data-eng"),
    ("n.petrov", "Nikola Petrov", "data-eng"),
    ("o.yilmaz", "Ozan Yılmaz", "payments-sre"),
    ("q.martin", "Quentin Martin", "payments-sre"),
    ("u.kaya", "Umut Kaya", "onboarding"),
    ("v.iyer", "Vidya Iyer", "disputes"),
    ("w.janssen", "Wim Janssen", "treasury"),
    ("x.alvarez", "Ximena Álvarez", "agents"),
    ("y.tanaka", "Yui Tanaka", "agents"),
    ("z.kowalska", "Zofia Kowalska", "compliance"),
];

/// How often a feed delivers.
#[derive(Clone, Copy)]
pub(super) enum Rhythm {
    /// Every day.
    Daily,
    /// Monday to Friday.
    Workdays,
    /// Once a week, on this weekday (0 is Monday).
    Weekly(i64),
    /// Every so many days, a little early or late.
    About(i64),
}

/// One feed of the lake.
pub(super) struct Feed {
    pub(super) name: &'static str,
    pub(super) owner: &'static str,
    pub(super) rhythm: Rhythm,
    /// First and last partition, as days of the history.
    pub(super) days: (i64, i64),
    /// When a partition lands, in minutes after midnight of its date.
    pub(super) lands: i64,
    pub(super) rows: i64,
    /// A feed each partition is made from, newest partition then; or an unversioned system of record.
    pub(super) from: &'static str,
    /// Whether each partition has a run of its own on record.
    pub(super) runs: bool,
}

/// The feeds. `vendor-labels` ends where the incident's own file begins, on 12 November.
pub(super) const FEEDS: &[Feed] = &[
    feed("lake/transactions", "team:data-eng", Rhythm::Daily, (0, 181), 24 * 60 + 78, 1_900_000, "core/ledger", true),
    feed("lake/device-events", "team:data-eng", Rhythm::Weekly(6), (4, 179), 27 * 60, 6_400_000, "sdk/telemetry", true),
    feed("lake/merchants", "team:onboarding", Rhythm::Weekly(0), (5, 180), 4 * 60 + 30, 88_000, "crm/accounts", false),
    feed("labelworks/annotations", "vendor:labelworks", Rhythm::Weekly(4), (2, 170), 20 * 60, 260_000, "", false),
    feed("vendor-labels", "team:data-eng", Rhythm::Daily, (3, 176), 123, 45_000, "labelworks/annotations", true),
    feed("lake/chargebacks", "team:disputes", Rhythm::Workdays, (1, 180), 26 * 60, 4_100, "lake/transactions", false),
    feed("lake/refunds", "team:disputes", Rhythm::Weekly(0), (5, 180), 25 * 60, 21_000, "lake/transactions", false),
    feed("lake/payouts", "team:treasury", Rhythm::Weekly(1), (6, 181), 25 * 60, 64_000, "lake/transactions", false),
    feed("lake/fx-rates", "team:treasury", Rhythm::Weekly(4), (2, 177), 18 * 60, 2_300, "ecb/reference-rates", false),
    feed(
        "lake/support-tickets",
        "team:agents",
        Rhythm::Weekly(6),
        (4, 179),
        29 * 60,
        31_000,
        "helpdesk/tickets",
        false,
    ),
    feed("lake/sanctions-list", "team:compliance", Rhythm::About(9), (3, 176), 15 * 60, 17_000, "eu/sanctions", false),
    feed("lake/kyc-documents", "team:onboarding", Rhythm::About(13), (7, 170), 22 * 60, 9_700, "crm/accounts", false),
    feed("lake/addresses", "team:onboarding", Rhythm::About(30), (10, 165), 23 * 60, 410_000, "crm/accounts", false),
    feed("kb/articles", "team:agents", Rhythm::About(16), (8, 172), 12 * 60, 2_900, "helpdesk/wiki", false),
];

#[expect(clippy::too_many_arguments, reason = "one row of the table above, in its column order")]
const fn feed(
    name: &'static str,
    owner: &'static str,
    rhythm: Rhythm,
    days: (i64, i64),
    lands: i64,
    rows: i64,
    from: &'static str,
    runs: bool,
) -> Feed {
    Feed { name, owner, rhythm, days, lands, rows, from, runs }
}

/// Systems of record that feeds are read from; they have no versions.
pub(super) const SYSTEMS: &[(&str, &str)] = &[
    ("core/ledger", "team:data-eng"),
    ("sdk/telemetry", "team:data-eng"),
    ("crm/accounts", "team:onboarding"),
    ("ecb/reference-rates", "team:treasury"),
    ("helpdesk/tickets", "team:agents"),
    ("helpdesk/wiki", "team:agents"),
    ("eu/sanctions", "team:compliance"),
];

/// First and last day of something.
type Days = (i64, i64);

/// Feature sets: name, owner, versions, first and last day, what they are made from.
pub(super) const FEATURES: &[(&str, &str, i64, Days, &[&str])] = &[
    ("card-features", "team:risk-ml", 29, (2, 147), &["lake/transactions", "lake/device-events"]),
    ("kyc-signals", "team:onboarding", 11, (8, 168), &["vendor-labels", "lake/merchants"]),
    ("merchant-profile", "team:onboarding", 9, (9, 171), &["lake/merchants", "lake/transactions"]),
    ("aml-network", "team:compliance", 14, (6, 174), &["lake/transactions", "lake/sanctions-list"]),
    ("payout-timing", "team:treasury", 8, (11, 166), &["lake/payouts", "lake/fx-rates"]),
    ("ticket-topics", "team:agents", 6, (13, 160), &["lake/support-tickets", "kb/articles"]),
];

/// Packages of the locked training environments, oldest release first. Some environments stay on one
/// for months.
pub(super) const PACKAGES: &[(&str, &str, &[&str])] = &[
    ("risk-train", "xgboost", &["2.0.3", "2.1.0", "2.1.1"]),
    ("risk-train", "numpy", &["1.26.4", "2.0.1", "2.1.1"]),
    ("risk-train", "scikit-learn", &["1.4.2", "1.5.0", "1.5.1"]),
    ("risk-train", "pandas", &["2.2.0", "2.2.1", "2.2.2"]),
    ("risk-train", "pyarrow", &["15.0.2", "16.1.0", "17.0.0"]),
    ("risk-train", "shap", &["0.45.1", "0.46.0"]),
    ("nlp-train", "torch", &["2.3.1", "2.4.0", "2.4.1", "2.5.0"]),
    ("nlp-train", "transformers", &["4.42.4", "4.44.2", "4.45.1", "4.46.0"]),
    ("nlp-train", "tokenizers", &["0.19.1", "0.20.0"]),
    ("nlp-train", "datasets", &["2.20.0", "3.0.1"]),
    ("nlp-train", "safetensors", &["0.4.3", "0.4.5"]),
    ("nlp-train", "sentencepiece", &["0.2.0"]),
];

/// Images: name, owner, first version's minor number, releases, days.
pub(super) const IMAGES: &[(&str, &str, (i64, i64), Days)] = &[
    ("risk-scorer", "team:ml-platform", (8, 22), (1, 150)),
    ("rank-server", "team:ml-platform", (1, 9), (12, 164)),
    ("nlp-server", "team:ml-platform", (3, 10), (7, 172)),
    ("batch-runner", "team:data-eng", (5, 11), (3, 176)),
    ("agent-runtime", "team:agents", (1, 12), (20, 178)),
];

/// One line of agents.
pub(super) struct AgentLine {
    pub(super) name: &'static str,
    pub(super) versions: i64,
    pub(super) prompts: i64,
    pub(super) days: Days,
    pub(super) tools: &'static [&'static str],
    /// The moment (day, second) at which the incident's files take over.
    pub(super) handover: Option<(i64, i64)>,
}

/// The agents.
pub(super) const AGENTS: &[AgentLine] = &[
    AgentLine {
        name: "refund-agent",
        versions: 4,
        prompts: 13,
        days: (73, 164),
        tools: &["fraud-score", "refund-execute"],
        handover: Some((173, 33_000)),
    },
    AgentLine {
        name: "support-agent",
        versions: 7,
        prompts: 12,
        days: (24, 176),
        tools: &["ticket-search", "kb-search", "send-reply"],
        handover: None,
    },
    AgentLine {
        name: "dispute-writer",
        versions: 4,
        prompts: 8,
        days: (52, 169),
        tools: &["case-notes", "ticket-search"],
        handover: None,
    },
    AgentLine {
        name: "onboarding-guide",
        versions: 3,
        prompts: 5,
        days: (81, 174),
        tools: &["document-check", "kb-search"],
        handover: None,
    },
];

/// Tools beyond those the incident names: name, what it reads (a feed, or nothing).
pub(super) const TOOLS: &[(&str, &str)] = &[
    ("ticket-search", "lake/support-tickets"),
    ("kb-search", "kb/articles"),
    ("send-reply", ""),
    ("case-notes", ""),
    ("document-check", "lake/kyc-documents"),
];

/// Secrets of the service accounts: path, service account, owner.
pub(super) const SECRETS: &[(&str, &str, &str)] = &[
    ("vault/kv/lake-writer", "lake-writer", "team:data-eng"),
    ("vault/kv/labelworks-sftp", "lake-loader", "team:data-eng"),
    ("vault/kv/registry-push", "release-bot", "team:ml-platform"),
    ("vault/kv/mlflow-token", "risk-trainer", "team:ml-platform"),
    ("vault/kv/crm-readonly", "crm-reader", "team:onboarding"),
    ("vault/kv/helpdesk-api", "support-agent", "team:agents"),
    ("vault/kv/mail-relay", "support-agent", "team:agents"),
    ("vault/kv/case-store", "dispute-writer", "team:agents"),
    ("vault/kv/document-store", "onboarding-guide", "team:agents"),
    ("vault/kv/pager", "monitor", "team:payments-sre"),
];
