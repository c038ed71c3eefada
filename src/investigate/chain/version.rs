//! The chain of versions and of the deployments they run at, link by link. It judges no piece of evidence.

use crate::graph::walk::Along;
use crate::graph::{EvidenceRef, LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered, standing};
use crate::investigate::chain::ingredients::Ingredients;
use crate::investigate::chain::link::{Found, Stands};
use crate::investigate::deployed::{Runs, runs};
use crate::investigate::pointer::pointers;
use crate::investigate::rows::LinkState;
use crate::investigate::site::{is_site, put_to_use, puts_to_use, sites};
use crate::investigate::standing::{Outcome, passed};
use crate::investigate::wording::{count, some_of, why_untold};
use crate::model::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// The most versions, and the most deployments, that one chain goes through.
const MOST: usize = 50;
/// The most links of one thing that are looked at.
const MOST_LINKS: usize = 2_000;
/// The most pieces of evidence of one thing and kind that are looked at, the newest.
const MOST_EVIDENCE: usize = 2_000;

/// Versions with where they run.
pub(super) struct Subject {
    pub(super) versions: Vec<Node>,
    pub(super) sites: Vec<Node>,
    /// Aliases and stages that point at the versions: they promote, and nothing runs there.
    pub(super) pointers: Vec<Node>,
    /// Whether a site was asked about, so that it must say what runs there.
    pub(super) asked_of_site: bool,
}

impl Subject {
    /// What was asked about: the versions that stand at a site, or a version and the sites where it stands.
    pub(super) fn of(asking: &Asking<'_>, node: Node, because: &mut Vec<String>) -> Result<Subject, Unanswered> {
        let lineage = asking.lineage;
        let now = Along::state(asking.moment());
        let asked_of_site = is_site(asking, node);
        let (mut versions, mut places): (BTreeSet<Node>, BTreeSet<Node>) = (BTreeSet::new(), BTreeSet::new());
        if asked_of_site {
            places.extend(sites(asking, node));
            for site in &places {
                let used = put_to_use(asking, *site).into_iter().filter(|(_, stands)| *stands).map(|it| it.0);
                versions.extend(used.filter(|it| !is_site(asking, *it)));
            }
            if versions.is_empty() {
                let held = |link: &LinkRef<'_>| link.relation == "contains" && now.admits(link);
                for site in &places {
                    versions.extend(lineage.upstream(*site).take(MOST_LINKS).filter(held).map(|link| link.to));
                }
            }
        } else {
            versions.insert(node);
            let down = lineage.downstream(node);
            if down.len() > MOST_LINKS {
                because.push(format!("of {} down the first {MOST_LINKS} are looked at", count(down.len(), "link")));
            }
            let held = |link: &LinkRef<'_>| puts_to_use(link.relation) && now.admits(link);
            places.extend(down.take(MOST_LINKS).filter(held).map(|link| link.from));
        }
        let mut most = |nodes: BTreeSet<Node>, word: &str| {
            if nodes.len() > MOST {
                because.push(format!("of {} the first {MOST} are looked at", count(nodes.len(), word)));
            }
            nodes.into_iter().take(MOST).collect::<Vec<Node>>()
        };
        let (versions, places) = (most(versions, "version"), most(places, "deployment"));
        let pointing = pointers(asking, &places)?;
        let (pointers, sites) = places.into_iter().partition(|node| pointing.contains_key(node));
        Ok(Subject { versions, sites, pointers, asked_of_site })
    }
}

/// Everything the chain of these shows.
pub(super) fn links<'a>(
    asking: &Asking<'a>,
    subject: &Subject,
    because: &mut Vec<String>,
) -> Result<Vec<Found<'a>>, Unanswered> {
    let made = Ingredients::of(asking, &subject.versions)?;
    if made.cut {
        because.push("what it was made of is more than one chain shows: the nearest are looked at".to_owned());
    }
    let mut found = Vec::new();
    let leads = |link: &'static str, to: &[(Node, LinkRef<'a>)], found: &mut Vec<Found<'a>>| {
        found.extend(to.iter().map(|(node, via)| Found::new(link, *node, Stands::Artefact(*node, *via))));
    };
    leads("source", &made.sources, &mut found);
    untold(asking, &made, &mut found);
    leads("data", &made.data, &mut found);
    leads("base-model", &made.bases, &mut found);
    for (node, _) in &made.data {
        data_approval(asking, *node, &mut found);
    }
    leads("code", &made.code, &mut found);
    leads("run", &made.runs, &mut found);
    for version in &subject.versions {
        asking.go_on()?;
        used(asking, *version, &mut found);
    }
    let data: Vec<Node> = made.data.iter().map(|it| it.0).collect();
    let code: Vec<Node> = made.code.iter().map(|it| it.0).collect();
    for node in subject.versions.iter().chain(&subject.sites) {
        said(asking, *node, &["evaluation", "policy-verdict", "attestation", "approval"], &mut found);
    }
    let images: Vec<Node> = found.iter().filter(|it| it.link == "image").map(|it| it.about).collect();
    for node in subject.versions.iter().chain(&subject.sites).chain(&data).chain(&code).chain(&images) {
        said(asking, *node, &["scan"], &mut found);
    }
    promoted(asking, subject, &mut found);
    for site in &subject.sites {
        asking.go_on()?;
        used(asking, *site, &mut found);
        digest(asking, *site, &mut found);
        telemetry(asking, subject, *site, &mut found);
    }
    lacking(asking, subject, &mut found);
    Ok(found)
}

/// What sources say cannot be told of where the data came from.
fn untold<'a>(asking: &Asking<'a>, made: &Ingredients<'a>, found: &mut Vec<Found<'a>>) {
    for node in &made.seen {
        for it in asking.lineage.absences(*node) {
            let id = asking.lineage.id(*node);
            let (state, what) = match it.why {
                "none" => (LinkState::None, "there is none, it says".to_owned()),
                "not-permitted" => (LinkState::NotPermitted, "its source would not let us look".to_owned()),
                why => (LinkState::Missing, why_untold(why).to_owned()),
            };
            let link = match it.relation {
                "built-from" => "code",
                "produced-by" => "run",
                "evaluated-on" => "evaluation",
                _ => "source",
            };
            let by = it.by.map(|by| format!(", says {by}")).unwrap_or_default();
            let says = format!("what {id} is {} is unknown: {what}{by}", it.relation);
            let says =
                if state == LinkState::None { format!("{id} is {} nothing: {what}{by}", it.relation) } else { says };
            found.push(Found { says, ..Found::new(link, *node, Stands::Said(state, Some(it.claim))) });
        }
    }
}

/// The evidence of a thing that counts: of each kind and scope the newest, of approvals the best.
fn newest<'a>(asking: &Asking<'a>, node: Node, kinds: &[&str]) -> Vec<(EvidenceRef<'a>, usize)> {
    let moment = asking.moment();
    let mut of: BTreeMap<(&str, Option<&str>), (EvidenceRef<'a>, usize)> = BTreeMap::new();
    let known = asking.lineage.evidence(node).rev().filter(|it| kinds.contains(&it.kind) && it.at <= moment);
    for it in known.take(MOST_EVIDENCE) {
        let rank = |it: &EvidenceRef<'_>| match standing(it.void, it.expires, moment) {
            "recorded" => 0,
            // what the newest says counts, unless it is about something else
            "stale" if it.kind != "approval" => 0,
            "stale" => 1,
            _ => 2,
        };
        match of.entry((it.kind, it.scope)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert((it, 0));
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let (best, earlier) = place.get_mut();
                *earlier += 1;
                // a refusal is the last word, whatever was given before it
                let refused = best.kind == "approval" && passed(best.verdict) == Outcome::Failed && !best.void;
                if !refused && rank(&it) < rank(best) {
                    *best = it;
                }
            }
        }
    }
    of.into_values().collect()
}

/// The evidence of a thing, each kind under its link. Red teams test, and belong to the scans.
fn said<'a>(asking: &Asking<'a>, node: Node, kinds: &[&str], found: &mut Vec<Found<'a>>) {
    for (it, earlier) in newest(asking, node, kinds) {
        let red_team =
            it.scope.is_some_and(|scope| scope.to_ascii_lowercase().replace(['-', '_', ' '], "").contains("redteam"));
        let link = match it.kind {
            "evaluation" if red_team => "scan",
            "evaluation" => "evaluation",
            "policy-verdict" => "policy-verdict",
            "attestation" => "attestation",
            "approval" => "approval",
            _ => "scan",
        };
        found.push(Found::new(link, node, Stands::Evidence(it, earlier)));
    }
}

/// The approval of data: its own, else that of the name it is a version of.
fn data_approval<'a>(asking: &Asking<'a>, node: Node, found: &mut Vec<Found<'a>>) {
    let lineage = asking.lineage;
    let mut given = newest(asking, node, &["approval"]);
    let mut beside = String::new();
    if given.is_empty() {
        let names = lineage.upstream(node).take(MOST_LINKS).filter(|link| link.relation == "version-of");
        if let Some((name, of_name)) =
            names.map(|link| (link.to, newest(asking, link.to, &["approval"]))).find(|it| !it.1.is_empty())
        {
            beside = format!("given for {}, of which {} is a version", lineage.id(name), lineage.id(node));
            given = of_name;
        }
    }
    if given.is_empty() {
        let says = format!("nobody approved {}", lineage.id(node));
        found.push(Found::missing("data-approval", node, says));
    }
    for (it, earlier) in given {
        let doubt = (!beside.is_empty()).then(|| (LinkState::Recorded, beside.clone()));
        found.push(Found::new("data-approval", node, Stands::Evidence(it, earlier)).doubted(doubt));
    }
}

/// What a version or a site uses beside data: prompts, tools, images, identities, secrets, policies.
fn used<'a>(asking: &Asking<'a>, node: Node, found: &mut Vec<Found<'a>>) {
    let lineage = asking.lineage;
    let now = Along::state(asking.moment());
    for link in lineage.upstream(node).take(MOST_LINKS).filter(|link| now.admits(link)) {
        let name = match Kind::parse(lineage.kind(link.to)) {
            Kind::Prompt => "prompt",
            Kind::Tool => "tool",
            Kind::Image if link.relation == "contains" || link.relation == "deploys" => "image",
            Kind::Identity if link.relation == "runs-as" => "identity",
            Kind::Secret => "secret",
            Kind::Policy if link.relation == "governed-by" => "policy",
            _ => continue,
        };
        if !found.iter().any(|it| it.link == name && it.about == link.to) {
            found.push(Found::new(name, link.to, Stands::Artefact(link.to, link)));
        }
    }
}

/// The links by which these versions stand at these sites.
fn promoted<'a>(asking: &Asking<'a>, subject: &Subject, found: &mut Vec<Found<'a>>) {
    let now = Along::state(asking.moment());
    for site in subject.pointers.iter().chain(&subject.sites) {
        let links = asking.lineage.upstream(*site).filter(|link| puts_to_use(link.relation) && now.admits(link));
        let mut stands = 0;
        for link in links.filter(|link| subject.versions.contains(&link.to)) {
            stands += 1;
            found.push(Found::new("promotion", *site, Stands::Link(link)));
        }
        let serves_a_site = put_to_use(asking, *site).iter().any(|(to, stands)| *stands && is_site(asking, *to));
        if stands == 0 && !serves_a_site {
            let says = format!("what {} runs is not on record", asking.lineage.id(*site));
            found.push(Found::missing("promotion", *site, says));
        }
    }
}

/// What a site says it runs, against what it is said to run.
fn digest<'a>(asking: &Asking<'a>, site: Node, found: &mut Vec<Found<'a>>) {
    let lineage = asking.lineage;
    let id = lineage.id(site);
    if lineage.kind(site) != Kind::Deployment.as_str() {
        return;
    }
    let (state, says) = match runs(asking, site) {
        Runs::Unsaid => {
            let says = format!("{id} does not say which digest runs there");
            return found.push(Found::missing("digest", site, says));
        }
        Runs::Same(stated, link) => (LinkState::Recorded, format!("{id} runs {stated}, as {} is", lineage.id(link.to))),
        Runs::Other(stated, others) => {
            let not = some_of(others.iter().map(|node| lineage.id(*node)), others.len());
            let says = format!("{id} runs {stated}, which is none of {not}: what runs there is not what was approved");
            (LinkState::Void, says)
        }
        Runs::Alone(stated) => {
            let says = format!("{id} runs {stated}, and nothing it deploys states a digest to compare it with");
            (LinkState::Missing, says)
        }
    };
    let stands = Stands::Said(state, lineage.claims(site).last());
    found.push(Found { says, ..Found::new("digest", site, stands) });
}

/// The newest telemetry of a site; what is older than the stay of its version tells of another.
fn telemetry<'a>(asking: &Asking<'a>, subject: &Subject, site: Node, found: &mut Vec<Found<'a>>) {
    let now = Along::state(asking.moment());
    let links = asking.lineage.upstream(site).filter(|link| puts_to_use(link.relation) && now.admits(link));
    let since = links.filter(|link| subject.versions.contains(&link.to)).filter_map(|link| link.since).max();
    for (it, earlier) in newest(asking, site, &["telemetry", "incident"]) {
        let old = since.filter(|since| it.at < *since).map(|since| {
            (LinkState::Stale, format!("the thing changed since: what runs there came on {}", since.short()))
        });
        found.push(Found::new("telemetry", site, Stands::Evidence(it, earlier)).doubted(old));
    }
}

/// What a whole chain would hold and this one has nothing of.
fn lacking<'a>(asking: &Asking<'a>, subject: &Subject, found: &mut Vec<Found<'a>>) {
    let lineage = asking.lineage;
    if subject.versions.is_empty()
        && let Some(site) = subject.sites.iter().chain(&subject.pointers).next()
        && !found.iter().any(|it| it.link == "promotion")
    {
        let says = format!("what {} runs is not on record", lineage.id(*site));
        found.push(Found::missing("promotion", *site, says));
    }
    let made = |found: &[Found<'_>], link: &str| found.iter().any(|it| it.link == link);
    for version in &subject.versions {
        let id = lineage.id(*version);
        let wanted: &[(&'static str, &str, bool)] = match Kind::parse(lineage.kind(*version)) {
            Kind::ModelVersion => &[
                ("source", "where the data behind it came from is not on record", false),
                ("data", "what it was trained on is not on record", false),
                ("data-approval", "nobody approved the data behind it, for none is on record", false),
                ("code", "which code made it is not on record", false),
                ("run", "which run made it is not on record", false),
                ("evaluation", "nobody evaluated it", true),
                ("scan", "nobody scanned it or tried to break it", false),
                ("policy-verdict", "no policy judged it", true),
                ("approval", "nobody approved it", true),
            ],
            Kind::Agent => &[
                ("prompt", "which prompt it works by is not on record", false),
                ("identity", "as whom it acts is not on record", false),
                ("scan", "nobody tried to break it", false),
                ("policy-verdict", "no policy judged it", true),
                ("approval", "nobody approved it", true),
            ],
            Kind::Dataset | Kind::FeatureSet => &[
                ("source", "where it came from is not on record", false),
                ("run", "which run made it is not on record", false),
                ("approval", "nobody approved it", true),
            ],
            Kind::Image => &[
                ("code", "which code made it is not on record", false),
                ("scan", "nobody scanned it", true),
                ("approval", "nobody approved it", true),
            ],
            _ => &[("approval", "nobody approved it", true)],
        };
        for (link, words, own) in wanted {
            let has = if *own {
                found.iter().any(|it| it.link == *link && (it.about == *version || covers(asking, it, *version)))
            } else {
                made(found, link)
            };
            if !has {
                found.push(Found::missing(link, *version, format!("{id}: {words}")));
            }
        }
    }
    if subject.asked_of_site {
        for site in subject.sites.iter().filter(|site| lineage.kind(**site) == Kind::Deployment.as_str()) {
            if !found.iter().any(|it| it.link == "telemetry" && it.about == *site) {
                let says = format!("{}: nothing watches it, as far as is known", lineage.id(*site));
                found.push(Found::missing("telemetry", *site, says));
            }
        }
    } else if let Some(site) = subject.sites.first().copied().filter(|_| !made(found, "telemetry")) {
        found.push(Found::missing(
            "telemetry",
            site,
            format!("{}: nothing watches it, as far as is known", lineage.id(site)),
        ));
    }
}

/// Whether an approval of a site is one of this version too: the site runs nothing else.
fn covers(asking: &Asking<'_>, it: &Found<'_>, version: Node) -> bool {
    let Stands::Evidence(evidence, _) = &it.stands else { return false };
    let same = |digest: &str| asking.lineage.digests(it.about).any(|own| own == digest);
    !evidence.void && is_site(asking, it.about) && asking.lineage.digests(version).any(same)
}
