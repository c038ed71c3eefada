//! Six months of everyday work, generated the same every time: what the incident happened in.
//! It tells nothing of the incident itself; that is written by hand in `assets/demo`.

use crate::demo::page::Page;
use crate::demo::shelf::Shelf;
use crate::demo::{agents, estate, lake, models};

/// The history as native lines.
pub(super) fn lines() -> Vec<u8> {
    let mut page = Page::default();
    let mut shelf = Shelf::default();
    estate::people_and_accounts(&mut page);
    estate::environments(&mut page, &mut shelf);
    estate::images(&mut page, &mut shelf);
    lake::feeds(&mut page, &mut shelf);
    lake::feature_sets(&mut page, &mut shelf);
    models::lines(&mut page, &mut shelf);
    agents::agents(&mut page, &mut shelf);
    page.bytes()
}
