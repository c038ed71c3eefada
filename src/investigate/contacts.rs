//! How to reach owners, as their own records say. It calls nobody.

use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::credential::text;
use crate::investigate::rows::{Contact, Group};
use crate::investigate::wording::count;
use crate::model::Statement;
use std::collections::HashMap;

/// The most owners that are listed.
const MOST: usize = 200;
/// The most descriptions of one owner that are read, the last.
const MOST_CLAIMS: usize = 20;

/// What the owners' descriptions say of how to reach them; of two that differ the later.
pub(super) fn contacts(
    asking: &Asking<'_>,
    owners: &[Group],
    because: &mut Vec<String>,
) -> Result<Vec<Contact>, Unanswered> {
    let mut contacts: Vec<Contact> = Vec::new();
    let mut of: HashMap<u64, usize> = HashMap::new();
    let owners: Vec<&Group> = owners.iter().filter(|it| it.name != "(none stated)").collect();
    if owners.len() > MOST {
        because.push(format!("of {} the {MOST} with most to see to are listed to reach", count(owners.len(), "owner")));
    }
    for owner in owners.into_iter().take(MOST) {
        if let Some(node) = asking.lineage.node(&owner.name) {
            let claims: Vec<u64> = asking.lineage.claims(node).collect();
            let last = &claims[claims.len().saturating_sub(MOST_CLAIMS)..];
            if last.len() < claims.len() {
                let (id, all) = (&owner.name, count(claims.len(), "description"));
                because.push(format!("of {all} of {id} the last {MOST_CLAIMS} were read for how to reach them"));
            }
            of.extend(last.iter().map(|claim| (*claim, contacts.len())));
        }
        let (at_least, at_most) = (owner.at_least, owner.at_most);
        let (channel, lead, email, pager, phone) = (None, None, None, None, None);
        contacts.push(Contact { id: owner.name.clone(), at_least, at_most, channel, lead, email, pager, phone });
    }
    let mut claims: Vec<u64> = of.keys().copied().collect();
    claims.sort_unstable();
    let mut said = if claims.is_empty() { Vec::new() } else { asking.statements(&claims)? };
    said.sort_by_key(|(claim, _)| *claim);
    for (claim, statement) in said {
        let (Statement::Artefact(it), Some(contact)) = (statement, of.get(&claim).and_then(|at| contacts.get_mut(*at)))
        else {
            continue;
        };
        let fields = [
            ("channel", &mut contact.channel),
            ("lead", &mut contact.lead),
            ("email", &mut contact.email),
            ("pager", &mut contact.pager),
            ("phone", &mut contact.phone),
        ];
        for (key, field) in fields {
            if let Some(value) = text(&it.attributes, key) {
                *field = Some(value);
            }
        }
    }
    Ok(contacts)
}
