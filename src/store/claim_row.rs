//! Claims as rows and back: which column holds what, for each type of claim. It runs no SQL.

use crate::model::{
    Absence, Artefact, Claim, ClaimRow, Digest, Evidence, Kind, Link, Mark, MarkKind, Note, Relation, Retract, SameAs,
    Statement, Time,
};
use crate::store::claim_body::{Body, BodyWriter, digests};

/// A claim's columns; its body lies in the buffer given to [`encode`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Columns<'a> {
    pub(crate) at: u32,
    pub(crate) kind: &'static str,
    pub(crate) about: &'a str,
    pub(crate) target: Option<&'a str>,
    pub(crate) what: &'a str,
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
}

fn micros(time: Option<Time>) -> Option<i64> {
    time.map(Time::micros)
}

/// The row for a claim. `body` is emptied and then holds the JSON body, or nothing.
pub(crate) fn encode<'a>(claim: &'a Claim, body: &mut Vec<u8>) -> Columns<'a> {
    let mut out = BodyWriter::new(body);
    let row = match &claim.statement {
        Statement::Artefact(it) => encode_artefact(it, &mut out),
        Statement::Link(it) => {
            out.attributes(&it.attributes);
            Columns {
                about: &it.from,
                target: Some(&it.to),
                what: it.relation.as_str(),
                since: micros(it.since),
                until: micros(it.until),
                ..Columns::default()
            }
        }
        Statement::Evidence(it) => encode_evidence(it, &mut out),
        Statement::Absence(it) => {
            out.text("why", &it.why);
            out.option("by", it.by.as_deref());
            Columns { about: &it.about, what: it.relation.as_str(), ..Columns::default() }
        }
        Statement::SameAs(it) => {
            out.text("why", &it.why);
            Columns { about: &it.a, target: Some(&it.b), ..Columns::default() }
        }
        Statement::Mark(it) => encode_mark(it, &mut out),
        Statement::Retract(it) => {
            out.text("by", &it.by);
            out.text("reason", &it.reason);
            out.option("signature", it.signature.as_deref());
            Columns {
                target: Some(&it.what),
                what: it.of.as_deref().unwrap_or_default(),
                since: Some(it.at.micros()),
                ..Columns::default()
            }
        }
        Statement::Note(it) => {
            out.text("text", &it.text);
            out.text("by", &it.by);
            out.option("case", it.case.as_deref());
            out.option("signature", it.signature.as_deref());
            out.attributes(&it.attributes);
            Columns {
                about: it.about.as_deref().unwrap_or_default(),
                what: it.what.as_deref().unwrap_or_default(),
                since: Some(it.at.micros()),
                ..Columns::default()
            }
        }
    };
    out.finish();
    Columns { at: claim.at, kind: claim.statement.word(), ..row }
}

/// A claim as a row under a number of its own, for whoever holds it in memory only.
pub fn with_row<T>(claim: &Claim, id: u64, record: u64, f: impl FnOnce(&ClaimRow<'_>) -> T) -> T {
    let mut body = Vec::new();
    let Columns { at, kind, about, target, what, since, until } = encode(claim, &mut body);
    let body = std::str::from_utf8(&body).ok().filter(|body| !body.is_empty());
    f(&ClaimRow { id, record, at, kind, about, target, what, since, until, body })
}

fn encode_artefact<'a>(it: &'a Artefact, out: &mut BodyWriter<'_>) -> Columns<'a> {
    out.option("name", it.name.as_deref());
    out.option("version", it.version.as_deref());
    out.option("owner", it.owner.as_deref());
    out.option("risk", it.risk.as_deref());
    out.option("environment", it.environment.as_deref());
    out.list("digests", it.digests.iter().map(Digest::as_str));
    out.list("identifiers", it.identifiers.iter().map(String::as_str));
    out.attributes(&it.attributes);
    Columns { about: &it.id, what: it.kind.as_str(), since: micros(it.at), ..Columns::default() }
}

fn encode_evidence<'a>(it: &'a Evidence, out: &mut BodyWriter<'_>) -> Columns<'a> {
    out.option("scope", it.scope.as_deref());
    out.option("by", it.by.as_deref());
    out.option("verdict", it.verdict.as_deref());
    out.list("covers", it.covers.iter().map(Digest::as_str));
    out.list("refs", it.refs.iter().map(String::as_str));
    out.attributes(&it.attributes);
    Columns {
        about: &it.about,
        what: &it.kind,
        since: Some(it.at.micros()),
        until: micros(it.expires),
        ..Columns::default()
    }
}

fn encode_mark<'a>(it: &'a Mark, out: &mut BodyWriter<'_>) -> Columns<'a> {
    out.text("by", &it.by);
    out.time("at", it.at);
    out.text("reason", &it.reason);
    out.option("case", it.case.as_deref());
    out.option("signature", it.signature.as_deref());
    Columns {
        about: &it.about,
        what: it.mark.as_str(),
        since: micros(it.since),
        until: micros(it.until),
        ..Columns::default()
    }
}

/// The claim of a row; `None` when no claim gives such a row.
pub(crate) fn decode(row: &ClaimRow<'_>) -> Option<Claim> {
    let body = Body::parse(row.body)?;
    let about = || row.about.to_owned();
    let target = || row.target.map(str::to_owned);
    let what = || (!row.what.is_empty()).then(|| row.what.to_owned());
    let (since, until) = (row.since.map(Time::from_micros), row.until.map(Time::from_micros));
    let statement = match row.kind {
        "artefact" => Statement::Artefact(Artefact {
            id: about(),
            kind: Kind::parse(row.what),
            name: body.name,
            version: body.version,
            at: since,
            owner: body.owner,
            risk: body.risk,
            environment: body.environment,
            digests: digests(&body.digests),
            identifiers: body.identifiers,
            attributes: body.attributes,
        }),
        "link" => Statement::Link(Link {
            from: about(),
            to: target()?,
            relation: Relation::parse(row.what),
            since,
            until,
            attributes: body.attributes,
        }),
        "evidence" => Statement::Evidence(Evidence {
            about: about(),
            kind: row.what.to_owned(),
            scope: body.scope,
            by: body.by,
            at: since?,
            verdict: body.verdict,
            expires: until,
            covers: digests(&body.covers),
            refs: body.refs,
            attributes: body.attributes,
        }),
        "absence" => Statement::Absence(Absence {
            about: about(),
            relation: Relation::parse(row.what),
            why: body.why?,
            by: body.by,
        }),
        "same-as" => Statement::SameAs(SameAs { a: about(), b: target()?, why: body.why? }),
        "mark" => Statement::Mark(Mark {
            about: about(),
            mark: MarkKind::parse(row.what)?,
            by: body.by?,
            at: Time::from_micros(body.at?),
            since,
            until,
            reason: body.reason?,
            case: body.case,
            signature: body.signature,
        }),
        "retract" => Statement::Retract(Retract {
            what: target()?,
            of: what(),
            by: body.by?,
            at: since?,
            reason: body.reason?,
            signature: body.signature,
        }),
        "note" => Statement::Note(Note {
            about: (!row.about.is_empty()).then(about),
            what: what(),
            text: body.text?,
            by: body.by?,
            at: since?,
            case: body.case,
            attributes: body.attributes,
            signature: body.signature,
        }),
        _ => return None,
    };
    Some(Claim { at: row.at, statement })
}

#[cfg(test)]
#[path = "claim_row_tests.rs"]
mod tests;
