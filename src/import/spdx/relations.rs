//! The relations of SPDX and which way each runs: `DEPENDS_ON` and `DEPENDENCY_OF` say the same of
//! opposite ends. One table for 2.x and 3.0, whose words differ in spelling only.

use crate::model::Relation;

/// Which end of a relation depends on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The first depends on the second.
    Along,
    /// The second depends on the first.
    Against,
}

/// What a word of SPDX means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Link(Way, Relation, &'static str),
    /// The first is a document or collection that describes the second.
    Describes(Way),
    /// A vulnerability and what is affected, with the verdict.
    Verdict(Way, &'static str),
    /// It says nothing about lineage, or about licences only.
    Nothing,
}

use Meaning::{Describes, Link, Nothing, Verdict};
use Relation::{Contains, DerivedFrom, EvaluatedOn, OwnedBy, ProducedBy, RunsAs, TrainedOn, Used, UsesTool};
use Way::{Against, Along};

const TABLE: &[(&str, Meaning)] = &[
    ("dependson", Link(Along, Contains, "depends-on")),
    ("dependencyof", Link(Against, Contains, "depends-on")),
    ("builddependencyof", Link(Against, Contains, "build-dependency")),
    ("devdependencyof", Link(Against, Contains, "dev-dependency")),
    ("optionaldependencyof", Link(Against, Contains, "optional-dependency")),
    ("hasoptionaldependency", Link(Along, Contains, "optional-dependency")),
    ("provideddependencyof", Link(Against, Contains, "provided-dependency")),
    ("hasprovideddependency", Link(Along, Contains, "provided-dependency")),
    ("testdependencyof", Link(Against, Contains, "test-dependency")),
    ("runtimedependencyof", Link(Against, Contains, "runtime-dependency")),
    ("optionalcomponentof", Link(Against, Contains, "optional-component")),
    ("hasoptionalcomponent", Link(Along, Contains, "optional-component")),
    ("prerequisitefor", Link(Against, Contains, "prerequisite")),
    ("hasprerequisite", Link(Along, Contains, "prerequisite")),
    ("contains", Link(Along, Contains, "assembly")),
    ("containedby", Link(Against, Contains, "assembly")),
    ("dynamiclink", Link(Along, Contains, "dynamic-link")),
    ("hasdynamiclink", Link(Along, Contains, "dynamic-link")),
    ("staticlink", Link(Along, Contains, "static-link")),
    ("hasstaticlink", Link(Along, Contains, "static-link")),
    ("fileadded", Link(Against, Contains, "added-file")),
    ("hasaddedfile", Link(Along, Contains, "added-file")),
    ("patchapplied", Link(Against, Contains, "patch")),
    ("patchedby", Link(Along, Contains, "patch")),
    ("datafileof", Link(Against, Used, "data-file")),
    ("hasdatafile", Link(Along, Used, "data-file")),
    ("dependencymanifestof", Link(Against, Used, "dependency-manifest")),
    ("hasdependencymanifest", Link(Along, Used, "dependency-manifest")),
    ("configures", Link(Against, Used, "configuration")),
    ("hasinput", Link(Along, Used, "input")),
    ("hasoutput", Link(Against, ProducedBy, "output")),
    ("hashost", Link(Along, RunsAs, "host")),
    ("invokedby", Link(Along, RunsAs, "invoked")),
    ("delegatedto", Link(Along, RunsAs, "delegated")),
    ("generates", Link(Against, DerivedFrom, "generated")),
    ("generatedfrom", Link(Along, DerivedFrom, "generated")),
    ("descendantof", Link(Along, DerivedFrom, "descendant")),
    ("ancestorof", Link(Against, DerivedFrom, "descendant")),
    ("copyof", Link(Along, DerivedFrom, "copy")),
    ("copiedto", Link(Against, DerivedFrom, "copy")),
    ("expandedfromarchive", Link(Along, DerivedFrom, "expanded")),
    ("expandsto", Link(Against, DerivedFrom, "expanded")),
    ("packageof", Link(Along, DerivedFrom, "packaged")),
    ("distributionartifact", Link(Against, DerivedFrom, "distribution")),
    ("hasdistributionartifact", Link(Against, DerivedFrom, "distribution")),
    ("trainedon", Link(Along, TrainedOn, "")),
    ("testedon", Link(Along, EvaluatedOn, "")),
    ("usestool", Link(Along, UsesTool, "")),
    ("buildtoolof", Link(Against, UsesTool, "build-tool")),
    ("devtoolof", Link(Against, UsesTool, "dev-tool")),
    ("testtoolof", Link(Against, UsesTool, "test-tool")),
    ("publishedby", Link(Along, OwnedBy, "publisher")),
    ("describes", Describes(Along)),
    ("describedby", Describes(Against)),
    ("affects", Verdict(Along, "affected")),
    ("doesnotaffect", Verdict(Along, "not_affected")),
    ("fixedin", Verdict(Along, "fixed")),
    ("underinvestigationfor", Verdict(Along, "in_triage")),
    ("hasassociatedvulnerability", Verdict(Against, "associated")),
    ("hasassessmentfor", Verdict(Along, "assessed")),
    ("amends", Nothing),
    ("amendedby", Nothing),
    ("availablefrom", Nothing),
    ("coordinatedby", Nothing),
    ("documentationof", Nothing),
    ("hasdocumentation", Nothing),
    ("exampleof", Nothing),
    ("hasexample", Nothing),
    ("exploitcreatedby", Nothing),
    ("filedeleted", Nothing),
    ("hasdeletedfile", Nothing),
    ("filemodified", Nothing),
    ("modifiedby", Nothing),
    ("fixedby", Nothing),
    ("foundby", Nothing),
    ("hasconcludedlicense", Nothing),
    ("hasdeclaredlicense", Nothing),
    ("hasevidence", Nothing),
    ("metafileof", Nothing),
    ("hasmetadata", Nothing),
    ("hasrequirement", Nothing),
    ("requirementdescriptionfor", Nothing),
    ("hasspecification", Nothing),
    ("specificationfor", Nothing),
    ("testof", Nothing),
    ("hastest", Nothing),
    ("testcaseof", Nothing),
    ("hastestcase", Nothing),
    ("variantof", Nothing),
    ("hasvariant", Nothing),
    ("other", Nothing),
    ("packagedby", Nothing),
    ("patchfor", Nothing),
    ("reportedby", Nothing),
    ("republishedby", Nothing),
    ("serializedinartifact", Nothing),
];

/// What a relation's word means; nothing for a word that SPDX does not have.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    let plain = || word.bytes().filter(|byte| !b"_- ".contains(byte)).map(|byte| byte.to_ascii_lowercase());
    TABLE.iter().find(|(name, _)| name.bytes().eq(plain())).map(|(_, meaning)| meaning.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_and_two_directions_of_one_fact() {
        assert_eq!(meaning("DEPENDS_ON"), meaning("dependsOn"));
        assert_eq!(meaning("DEPENDENCY_OF"), Some(Link(Against, Contains, "depends-on")));
        assert_eq!(meaning("GENERATED_FROM"), Some(Link(Along, DerivedFrom, "generated")));
        assert_eq!(meaning("blesses"), None);
    }
}
