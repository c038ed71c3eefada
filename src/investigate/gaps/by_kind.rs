//! Which requirements may be asked of an artefact by its kind, told once for all artefacts of a kind. Whether one is
//! asked of it depends on more.

use crate::graph::{Lineage, Node};
use crate::investigate::gaps::subject::is_of_kind;
use crate::model::{Policy, Requirement};
use std::rc::Rc;

/// The code that stands for kinds too many to have one each.
const ODD: u8 = u8::MAX;

/// Requirements with their places in the policy.
type Of<'a> = Rc<[(usize, &'a Requirement)]>;

/// The requirements of a policy, by kind.
pub(in crate::investigate) struct ByKind<'a> {
    policy: &'a Policy,
    by_code: Vec<Of<'a>>,
}

impl<'a> ByKind<'a> {
    pub(in crate::investigate) fn of(policy: &'a Policy, lineage: &Lineage) -> ByKind<'a> {
        let by_code = (0..ODD).map(|code| of_kind(policy, lineage.kind_of_code(code))).collect();
        ByKind { policy, by_code }
    }

    /// Those that may be asked of an artefact.
    pub(in crate::investigate) fn on(&self, lineage: &Lineage, node: Node) -> Of<'a> {
        match self.by_code.get(usize::from(lineage.kind_code(node))) {
            Some(of) => of.clone(),
            None => of_kind(self.policy, lineage.kind(node)),
        }
    }
}

fn of_kind<'a>(policy: &'a Policy, kind: &str) -> Of<'a> {
    policy.requirements.iter().enumerate().filter(|(_, it)| is_of_kind(it, kind)).collect()
}
