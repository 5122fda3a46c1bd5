//! Where a finding is: from recording keys and byte ranges to places a person can go to.

use std::collections::BTreeMap;

use model::{
    control::Cite,
    digest,
    evidence::Evidence,
    finding::{Finding, Place, Seen, Status},
};

/// Says where, and what distinguishes this finding from any other. Of the further places
/// `most` are said: a control of the host may have seen something at every VM.
pub(crate) fn detail(evidence: &Evidence, finding: &mut Finding, cites: &[Cite], most: Option<usize>) {
    let parts = cites.iter().flat_map(|cite| [cite.key.as_bytes(), cite.seen.as_bytes()]);
    finding.basis_digest = digest::keyed(evidence.recording.digest_key.as_bytes(), parts);
    let kind = finding.subject.kind.word();
    let logical = [finding.id.as_bytes(), kind.as_bytes(), finding.subject.id.as_bytes()];
    finding.fingerprint = digest::fingerprint(logical);
    let mut places = cites.iter().map(|cite| (place(evidence, cite), cite.seen.clone()));
    if let Some((place, seen)) = places.next() {
        finding.place = Some(place);
        finding.found = seen;
    }
    let first = finding.place.as_ref();
    let mut others = 0;
    let also = places.take_while(|(place, _)| {
        let fits = most.is_none_or(|most| others < most);
        others += usize::from(Some(place) != first);
        fits
    });
    finding.also = also.map(|(place, found)| Seen { place, found: found.into_owned() }).collect();
}

/// Turns a recording key and a byte range into a place a person can go to.
fn place(evidence: &Evidence, cite: &Cite) -> Place {
    let key = &*cite.key;
    let outside =
        key.strip_prefix("netns/").and_then(|rest| rest.split_once('/')).map_or(key, |(_, rest)| rest);
    let mut place = Place::default();
    if outside.starts_with("netlink/") {
        place.frame = Some(key.to_owned());
    } else if outside.starts_with("sys/") {
        place.sysfs = Some(format!("/{key}"));
    } else {
        place.file = Some(format!("/{outside}"));
        place.frame = (outside != key)
            .then(|| key.strip_suffix(outside).unwrap_or(key).trim_end_matches('/').to_owned());
    }
    place.pid = key.strip_prefix("proc/").and_then(|rest| rest.split('/').next()?.parse().ok());
    let Some((span, bytes)) = cite.span.zip(evidence.bytes(key).ok().copied()) else { return place };
    let position = formats::Position::of(bytes, span.start as usize);
    (place.line, place.column) = (Some(position.line), Some(position.column));
    place.bytes = Some([span.start, span.end]);
    place
}

/// Adds the XPaths of failures in XML. Each document is parsed once, whatever number of findings it has.
pub(crate) fn xpaths<'f>(evidence: &Evidence, findings: impl Iterator<Item = &'f mut Finding>) {
    let mut documents: BTreeMap<String, Vec<&mut Place>> = BTreeMap::new();
    for finding in findings.filter(|finding| finding.status == Status::Fail) {
        let also = finding.also.iter_mut().map(|seen| &mut seen.place);
        for place in finding.place.iter_mut().chain(also).filter(|place| place.bytes.is_some()) {
            let file = place.file.as_deref().filter(|file| place.frame.is_none() && file.ends_with(".xml"));
            if let Some(file) = file {
                documents.entry(file.trim_start_matches('/').to_owned()).or_default().push(place);
            }
        }
    }
    for (key, places) in documents {
        let bytes = evidence.bytes(&key).ok().copied().unwrap_or_default();
        let starts = places.iter().filter_map(|place| place.bytes).map(|[start, _]| start as usize);
        let paths = formats::libvirt::xml::xpaths_at(bytes, starts);
        places.into_iter().zip(paths).for_each(|(place, path)| place.xpath = path);
    }
}
