//! Exceptions as a policy sees them: how long one may run, who may answer for it, who may accept. It holds none.

use crate::model::{Policy, Time};
use serde::Deserialize;

/// What an exception must be like to waive anything.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExceptionRule {
    /// The longest that one may run, in days; however long, when absent.
    pub longest_days: Option<u32>,
    /// Who may answer for one: names, patterns of names, `role:NAME`; anybody when empty.
    pub owners: Vec<String>,
    /// Who may accept: likewise.
    pub by: Vec<String>,
}

impl Policy {
    /// Why an exception waives nothing under this policy, if so, in a few words.
    pub fn refuses(&self, owner: Option<&str>, by: Option<&str>, from: Time, until: Time) -> Option<&'static str> {
        let rule = &self.exceptions;
        let fits = |of: &[String], name: Option<&str>| of.is_empty() || name.is_some_and(|it| self.may_give(of, it));
        if rule.longest_days.is_some_and(|days| until > from.plus_days(i64::from(days))) {
            return Some("longer than the policy lets one run");
        }
        if !fits(&rule.owners, owner) {
            return Some("with no owner that the policy lets answer for one");
        }
        (!fits(&rule.by, by)).then_some("by nobody whom the policy lets accept")
    }
}
