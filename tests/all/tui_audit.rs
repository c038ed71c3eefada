//! The auditor's pane from the outside: the chain, walked with the arrow keys. What its links are is asked
//! elsewhere.

use crate::support::tui::Tui;

#[test]
fn a_chain_is_walked_folded_and_opens_the_record_behind_a_link() {
    for (width, height) in [(80, 24), (160, 50)] {
        let mut tui = Tui::open(width, height);
        tui.keys("0").shows("No chain asked for yet").keys("1");
        tui.keys("C").shows("[0 chain]").shows("incomplete: 1 missing, 1 void, 1 stale, 1 not permitted to look");
        tui.shows("1 not permitted to look, 1 known to be none").shows("= known to be none");
        tui.is_screen(&format!("chain-{width}x{height}"));
        // what holds is folded until Enter unfolds it
        tui.keys("home down down down enter").shows("dataset:lake/transactions@3");
        tui.keys("end")
            .shows("1 missing, 1 void")
            .shows("nothing on record (Enter explores what lacks it)")
            .keys("enter")
            .shows("[2 explore]");
        tui.keys("esc").shows("[0 chain]").keys("up").shows("it covers sha256:ef2c");
        tui.keys("enter").shows("Record behind claim 812.1").keys("esc");
        tui.keys("left").shows("1 missing, 1 void").keys("right right").shows("it covers sha256:ef2c");
    }
}

#[test]
fn every_state_of_a_link_has_a_sign_of_its_own() {
    use lastgood::investigate::rows::LinkState;
    let signs: std::collections::BTreeSet<&str> = LinkState::ALL.iter().map(|state| state.sign()).collect();
    assert_eq!(signs.len(), LinkState::ALL.len());
    assert!(signs.iter().all(|sign| sign.is_ascii()));
}
