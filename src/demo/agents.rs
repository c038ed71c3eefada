//! The company's agents: their versions, prompts and tools, and where they run. The refunds that went
//! wrong are told in the incident's own file.

use crate::demo::chance::Chance;
use crate::demo::estate::author;
use crate::demo::lake::spread;
use crate::demo::names::{AGENTS, AgentLine, TOOLS};
use crate::demo::page::{Page, artefact, digest, evidence, moment};
use crate::demo::shelf::Shelf;
use crate::model::{Kind, Relation, Time};

const OWNER: &str = "team:agents";

/// Tools, then each agent's prompts, versions and deployment.
pub(super) fn agents(page: &mut Page, shelf: &mut Shelf) {
    let mut chance = Chance::of("tools");
    for (name, reads) in TOOLS {
        let at = moment(chance.between(2, 18), chance.between(30_000, 60_000));
        let it = artefact(Kind::Tool, name, None, Some(at), OWNER);
        for (index, partition) in shelf.all(reads).iter().enumerate().skip(3) {
            // an index is rebuilt from the newest partition, and the one before is dropped
            let until = shelf.all(reads).get(index + 1).map(|(next, _)| *next);
            page.link_until(&it.id, Relation::RetrievesFrom, &partition.1, partition.0.max(at), until);
        }
        page.artefact(it);
    }
    for line in AGENTS {
        let mut chance = Chance::of(line.name);
        let prompt_name = format!("{}/system", line.name);
        write_prompts(page, shelf, &prompt_name, line.prompts, (line.days.0 - 6, line.days.1), &mut chance);
        let end = line.handover.map(|(day, seconds)| moment(day, seconds));
        let served = write_versions(page, shelf, line, end, &mut chance);
        deploy(page, line.name, &served, end);
    }
}

fn write_prompts(page: &mut Page, shelf: &mut Shelf, name: &str, count: i64, days: (i64, i64), chance: &mut Chance) {
    for (number, day) in (1..).zip(spread(count, days, chance)) {
        let at = moment(day, chance.between(29_000, 66_000));
        let mut it = artefact(Kind::Prompt, name, Some(&number.to_string()), Some(at), OWNER);
        it.digests.push(digest(&it.id));
        let change = chance.pick(&[
            "shorter greeting",
            "ask for the order number first",
            "refuse legal questions",
            "new tone guide",
            "translate before answering",
            "name the policy when declining",
            "do not guess dates",
        ]);
        it.attributes.insert("change".to_owned(), change.into());
        page.link(&it.id, Relation::ChangedBy, &author(OWNER, chance), at);
        shelf.put(name, at, it.id.clone());
        page.artefact(it);
    }
}

/// The versions with the moments their deployment took them, oldest first.
fn write_versions(
    page: &mut Page,
    shelf: &Shelf,
    line: &AgentLine,
    end: Option<Time>,
    chance: &mut Chance,
) -> Vec<(Time, String)> {
    let name = line.name;
    let account = format!("identity:sa/{name}");
    let mut served: Vec<(Time, String)> = Vec::new();
    let days = spread(line.versions, line.days, chance);
    let times: Vec<Time> = days.iter().map(|day| moment(*day, chance.between(29_000, 52_000))).collect();
    for (index, at) in times.iter().enumerate() {
        let number = index + 1;
        let mut it = artefact(Kind::Agent, name, Some(&number.to_string()), Some(*at), OWNER);
        it.digests.push(digest(&it.id));
        it.attributes.insert("temperature".to_owned(), chance.pick(&["0.0", "0.2", "0.3"]).into());
        let id = it.id.clone();
        page.artefact(it);
        let until = times.get(index + 1).copied().or(end);
        for tool in line.tools {
            page.link_until(&id, Relation::UsesTool, &format!("tool:{tool}"), *at, until);
        }
        if let Some(prompt) = shelf.newest(&format!("{name}/system"), *at) {
            page.link_until(&id, Relation::UsesPrompt, &prompt, *at, until);
        }
        page.link_until(&id, Relation::RunsAs, &account, *at, until);
        if let Some((_, before)) = served.last() {
            page.link(&id, Relation::Supersedes, before, *at);
        }
        let tested = Time::from_seconds(at.seconds() - chance.between(4_000, 70_000));
        let mut evaluation = evidence(&id, "evaluation", "red-team", "team:fraud-ops", tested.max(moment(0, 0)));
        evaluation.attributes.insert("cases".to_owned(), chance.between(60, 120).into());
        evaluation.attributes.insert("failed".to_owned(), chance.between(0, 4).into());
        page.evidence(evaluation);
        served.push((*at, id));
    }
    served
}

fn deploy(page: &mut Page, name: &str, served: &[(Time, String)], end: Option<Time>) {
    let id = format!("deployment:{name}/prod-eu");
    for (index, (since, version)) in served.iter().enumerate() {
        let until = served.get(index + 1).map(|(next, _)| *next).or(end);
        page.link_until(&id, Relation::Deploys, version, *since, until);
    }
    let (Some((first, _)), Some((_, last)), None) = (served.first(), served.last(), end) else { return };
    let mut it = artefact(Kind::Deployment, &format!("{name}/prod-eu"), None, Some(*first), OWNER);
    it.environment = Some("prod-eu".to_owned());
    it.risk = Some("medium".to_owned());
    it.digests.push(digest(last));
    page.link(&id, Relation::RunsAs, &format!("identity:sa/{name}"), *first);
    page.artefact(it);
}
