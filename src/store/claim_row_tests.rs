//! Every claim comes back from its row as it went in.

use super::*;
use crate::model::{Attributes, ClaimRow};
use proptest::prelude::*;
use serde_json::{Value, json};

fn row<'a>(columns: &Columns<'a>, body: &'a [u8]) -> ClaimRow<'a> {
    ClaimRow {
        id: 1,
        record: 1,
        at: columns.at,
        kind: columns.kind,
        about: columns.about,
        target: columns.target,
        what: columns.what,
        since: columns.since,
        until: columns.until,
        body: (!body.is_empty()).then(|| std::str::from_utf8(body).unwrap()),
    }
}

fn round(claim: &Claim) -> Option<Claim> {
    let mut body = Vec::new();
    let columns = encode(claim, &mut body);
    decode(&row(&columns, &body))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z:/@.-]{1,20}", any::<String>(), Just("\u{0}\u{1b}\"\\\u{2028}é🦀".to_owned())]
}

fn time() -> impl Strategy<Value = Time> {
    any::<i64>().prop_map(Time::from_micros)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(text(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    proptest::collection::btree_map(text(), value(), 0..4)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(text(), 0..3)
}

fn option() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn moment() -> impl Strategy<Value = Option<Time>> {
    proptest::option::of(time())
}

fn digests_of(texts: &[String]) -> Vec<Digest> {
    // As sources give them: normalised once, and then no more changed by it.
    texts.iter().map(|text| Digest::parse(Digest::parse(text).as_str())).collect()
}

fn artefact() -> impl Strategy<Value = Statement> {
    let head = (text(), text(), option(), option(), moment(), option(), option(), option());
    (head, texts(), texts(), attributes()).prop_map(|(head, digests, identifiers, attributes)| {
        let (id, kind, name, version, at, owner, risk, environment) = head;
        let (kind, digests) = (Kind::parse(&kind), digests_of(&digests));
        Statement::Artefact(Artefact {
            id,
            kind,
            name,
            version,
            at,
            owner,
            risk,
            environment,
            digests,
            identifiers,
            attributes,
        })
    })
}

fn evidence() -> impl Strategy<Value = Statement> {
    let head = (text(), text(), option(), option(), time(), option(), moment());
    (head, texts(), texts(), attributes()).prop_map(|(head, covers, refs, attributes)| {
        let (about, kind, scope, by, at, verdict, expires) = head;
        let covers = digests_of(&covers);
        Statement::Evidence(Evidence { about, kind, scope, by, at, verdict, expires, covers, refs, attributes })
    })
}

fn statement() -> impl Strategy<Value = Statement> {
    let relation = || prop_oneof![text(), Just("trained-on".to_owned())].prop_map(|word| Relation::parse(&word));
    let link = (text(), text(), relation(), moment(), moment(), attributes()).prop_map(
        |(from, to, relation, since, until, attributes)| {
            Statement::Link(Link { from, to, relation, since, until, attributes })
        },
    );
    let absence = (text(), relation(), text(), option())
        .prop_map(|(about, relation, why, by)| Statement::Absence(Absence { about, relation, why, by }));
    let same = (text(), text(), text()).prop_map(|(a, b, why)| Statement::SameAs(SameAs { a, b, why }));
    let mark = ((text(), 0..5usize, text(), time()), moment(), moment(), text(), option(), option()).prop_map(
        |((about, mark, by, at), since, until, reason, case, signature)| {
            let mark = MarkKind::ALL[mark];
            Statement::Mark(Mark { about, mark, by, at, since, until, reason, case, signature })
        },
    );
    let stated = |text: Option<String>| text.filter(|text| !text.is_empty());
    let retract =
        (text(), option(), text(), time(), text(), option()).prop_map(move |(what, of, by, at, reason, signature)| {
            Statement::Retract(Retract { what, of: stated(of), by, at, reason, signature })
        });
    let note = ((option(), option()), text(), text(), time(), option(), attributes(), option()).prop_map(
        move |((about, what), text, by, at, case, attributes, signature)| {
            let (about, what) = (stated(about), stated(what));
            Statement::Note(Note { about, what, text, by, at, case, attributes, signature })
        },
    );
    prop_oneof![artefact(), link, evidence(), absence, same, mark, retract, note]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn a_claim_comes_back_from_its_row(at in any::<u32>(), statement in statement()) {
        let claim = Claim { at, statement };
        prop_assert_eq!(round(&claim), Some(claim));
    }
}

#[test]
fn nothing_to_say_is_no_body() {
    for statement in [
        Statement::Artefact(Artefact::new("dataset:a", Kind::Dataset)),
        Statement::Link(Link::new("run:b", Relation::Used, "dataset:a")),
    ] {
        let mut body = b"left over".to_vec();
        encode(&Claim { at: 0, statement }, &mut body);
        assert!(body.is_empty());
    }
}

#[test]
fn a_body_is_plain_json_under_the_documented_names() {
    let mut artefact = Artefact::new("model-version:a@1", Kind::ModelVersion);
    artefact.owner = Some("team:\"x\"".to_owned());
    artefact.digests = vec![Digest::parse("sha256:ab")];
    artefact.attributes.insert("metric.auc".to_owned(), json!(0.941));
    let mut body = Vec::new();
    encode(&Claim { at: 0, statement: Statement::Artefact(artefact) }, &mut body);
    assert_eq!(
        String::from_utf8(body).unwrap(),
        r#"{"owner":"team:\"x\"","digests":["sha256:ab"],"attributes":{"metric.auc":0.941}}"#
    );
}

#[test]
fn a_row_that_no_claim_gives_is_refused() {
    let good = ClaimRow {
        id: 1,
        record: 1,
        at: 0,
        kind: "link",
        about: "a",
        target: Some("b"),
        what: "used",
        since: None,
        until: None,
        body: None,
    };
    assert!(decode(&good).is_some());
    let bad = [
        ClaimRow { target: None, ..good },
        ClaimRow { kind: "lonk", ..good },
        ClaimRow { kind: "mark", what: "splendid", ..good },
        ClaimRow { kind: "evidence", ..good },
        ClaimRow { kind: "note", ..good },
        ClaimRow { body: Some("{"), ..good },
        ClaimRow { body: Some("[]"), ..good },
        ClaimRow { body: Some(r#"{"name":1}"#), ..good },
    ];
    for row in bad {
        assert_eq!(decode(&row), None, "{row:?}");
    }
}
