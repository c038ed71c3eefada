//! A plain HTTP server: one file, or the folder that it lists as a page of links. It goes down and never up or
//! elsewhere. A file that is linked no more is told as such; what was in it is no concern of a list of links.

use super::{Kind, Pull, Pulled};
use crate::connector::http::{Answer, Http, Request, Sort, Trouble};
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) const KIND: Kind = Kind {
    name: "files",
    about: "a file, or a folder listed as a page of links, over plain HTTP",
    recognises,
    // To recognise it is to have read it.
    lists: |_| Vec::new(),
    pull,
    browse: None,
};

/// The most pages and files of one folder.
const MOST: usize = 20_000;
/// The most folders below each other.
const DEPTH: usize = 16;

fn recognises(http: &Http) -> Result<Option<String>, Trouble> {
    let answer = http.ask(&Request::get(http.address().url().clone()))?;
    Ok(Some(if is_page(&answer) { "a folder of files" } else { "a file" }.to_owned()))
}

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|it| it.trim_start().starts_with("text/html"))
}

fn pull(pull: &Pull<'_>) -> Result<(), Trouble> {
    let start = pull.http.address().url().clone();
    let first = pull.http.ask(&Request::get(start.clone()))?;
    if !is_page(&first) {
        let name = start.path_segments().and_then(|mut it| it.next_back()).unwrap_or_default();
        pull.document(format!("files/{name}"), None, first.body);
        return Ok(());
    }
    let root = match start.path().ends_with('/') {
        true => start.clone(),
        false => start.join(&format!("{}/", start.path())).map_err(|_| Trouble::new(Sort::Other, "", "no folder"))?,
    };
    let mut folders = VecDeque::from([(root.clone(), 0)]);
    let (mut seen, mut files) = (HashSet::from([root.to_string()]), Vec::new());
    // Nothing is concluded from what is not listed where a part of the list could not be read.
    let whole = AtomicBool::new(true);
    while let Some((folder, depth)) = folders.pop_front() {
        let page = match pull.http.ask(&Request::get(folder.clone())) {
            Ok(page) => page,
            Err(trouble) => {
                whole.store(false, Ordering::Relaxed);
                pull.tell(folder.path(), trouble)?;
                continue;
            }
        };
        let text = String::from_utf8_lossy(&page.body);
        for link in links(&text) {
            let Ok(mut target) = folder.join(&link) else { continue };
            target.set_fragment(None);
            let below = target.as_str().starts_with(root.as_str()) && target.query().is_none() && target != folder;
            if !below || !seen.insert(target.to_string()) {
                continue;
            }
            if seen.len() > MOST {
                let why = format!("it lists more than {MOST} files; name a folder below it");
                pull.give(Pulled::Failed { place: folder.path().to_owned(), why });
                whole.store(false, Ordering::Relaxed);
                folders.clear();
                break;
            }
            match target.path().ends_with('/') {
                true if depth < DEPTH => folders.push_back((target, depth + 1)),
                true => whole.store(false, Ordering::Relaxed),
                false => files.push(target),
            }
        }
    }
    pull.each(files.into_iter(), |file| {
        let name = file.as_str().get(root.as_str().len()..).unwrap_or_default().to_owned();
        match pull.http.ask(&Request::get(file)) {
            Ok(answer) => {
                pull.document(format!("files/{name}"), None, answer.body);
                Ok(())
            }
            Err(trouble) => {
                whole.store(false, Ordering::Relaxed);
                pull.tell(&format!("files/{name}"), trouble)
            }
        }
    })?;
    if whole.into_inner() {
        pull.give(Pulled::Listed { prefix: "files/".to_owned() });
    }
    Ok(())
}

/// What a page links to, in its order.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("href=") {
        rest = rest.get(at + 5..).unwrap_or_default();
        let Some(quote) = rest.chars().next().filter(|it| matches!(it, '"' | '\'')) else { continue };
        let inner = rest.get(1..).unwrap_or_default();
        let Some(end) = inner.find(quote) else { break };
        found.push(inner.get(..end).unwrap_or_default().replace("&amp;", "&"));
        rest = inner.get(end..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn links_of_a_page_are_found_and_a_broken_one_ends_it() {
        let page =
            "<a href=\"a.json\">a</a> <A href='b/'>b</A> <a href=c>c</a> <a href=\"x?a=1&amp;b\">d</a> <a href=\"open";
        assert_eq!(super::links(page), ["a.json", "b/", "x?a=1&b"]);
    }
}
