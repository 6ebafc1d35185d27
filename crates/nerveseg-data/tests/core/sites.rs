//! `sites.json`: which machine or hospital each subject comes from.

use std::error::Error as _;

use nerveseg_data::audit::{AuditOptions, FindingKind, SiteRow, audit};
use nerveseg_data::{Dataset, Sites};

use crate::util::Folder;

fn sites(json: &str) -> Sites {
    let folder = Folder::new();
    Sites::load(folder.write("sites.json", json)).unwrap()
}

/// The message of what is wrong with a file, without the folder.
fn refusal(json: &str) -> String {
    let folder = Folder::new();
    let path = folder.write("sites.json", json);
    let error = Sites::load(&path).unwrap_err();
    let mut message = error.to_string();
    if let Some(source) = error.source() {
        message += &format!(": {source}");
    }
    let name = format!("`{}`", path.display());
    assert!(message.contains(&name), "{message}");
    message.replace(&name, "FILE")
}

#[test]
fn names_are_in_the_order_of_the_file_and_ranges_include_both_ends() {
    let sites = sites(r#"{"UNS": [[1, 47]], "UBPD": [[2001, 2063], 1001], "muscle": [3100]}"#);

    assert_eq!(sites.names(), ["UNS", "UBPD", "muscle", "other"]);
    assert!(!sites.is_trivial());
    for (subject_id, name) in [
        (0, "other"),
        (1, "UNS"),
        (47, "UNS"),
        (48, "other"),
        (1001, "UBPD"),
        (1002, "other"),
        (2063, "UBPD"),
        (3100, "muscle"),
        (u32::MAX, "other"),
    ] {
        assert_eq!(sites.of(subject_id), name, "{subject_id}");
        assert_eq!(sites.names()[sites.index_of(subject_id)], name);
    }
}

#[test]
fn subjects_are_grouped_without_sites_that_have_none() {
    let sites = sites(r#"{"b": [[1, 9]], "a": [20], "nobody": [30]}"#);

    let among: Vec<_> = sites
        .among([20, 5, 99, 2, 5])
        .into_iter()
        .map(|site| (site.name, site.subjects))
        .collect();

    assert_eq!(
        among,
        [("b", vec![2, 5]), ("a", vec![20]), ("other", vec![99])]
    );
}

#[test]
fn a_file_that_breaks_a_rule_is_refused_by_site_and_number() {
    for (json, message) in [
        (
            r#"{"a": [[1, 5]], "b": [[3, 4]]}"#,
            "FILE: subject 3 is in site `a` and again in `b`",
        ),
        (
            r#"{"a": [7, 7]}"#,
            "FILE: subject 7 is in site `a` and again in `a`",
        ),
        (
            r#"{"a": [[5, 1]]}"#,
            "FILE: site `a`: [5,1] is neither the number of a subject nor a range [first, last] \
             in order",
        ),
        (r#"{"a": [1], "": [2]}"#, "FILE: a site has no name"),
        (r#"{"a": []}"#, "FILE: site `a` has no subjects"),
        (r#"{"a": [1], "a": [2]}"#, "FILE: site `a` is there twice"),
        (
            r#"{"other": [1]}"#,
            "FILE: site `other` is that of subjects in no other site and cannot be named",
        ),
        (
            "{}",
            "FILE: names no site; without the file there is one, `all`",
        ),
    ] {
        assert_eq!(refusal(json), message, "{json}");
    }
    for entry in [
        "-1",
        "1.5",
        "\"1\"",
        "[1]",
        "[1, 2, 3]",
        "4294967296",
        "null",
    ] {
        let message = refusal(&format!("{{\"here\": [{entry}]}}"));
        assert!(message.contains("site `here`: "), "{message}");
    }
    for json in ["", "[1]", "{\"a\": 1}", "{\"a\": [1]} x"] {
        let message = refusal(json);
        assert!(message.starts_with("cannot parse FILE: "), "{message}");
    }
}

#[test]
fn a_dataset_has_the_sites_of_its_folder_and_so_have_its_parts() {
    let folder = Folder::with_cases(&["1_1", "2_1", "9_1"]);
    let before = Dataset::open(folder.path()).unwrap();
    let fingerprint = before.fingerprint(&|_| {}).unwrap();
    assert!(before.sites().is_trivial());
    assert_eq!(before.sites().names(), ["all"]);
    assert_eq!(before.sites().of(9), "all");

    folder.write("sites.json", r#"{"near": [[1, 2]], "far": [9]}"#);
    let dataset = Dataset::open(folder.path()).unwrap();

    assert_eq!(dataset.sites().of(9), "far");
    let part = dataset.filter(|entry| entry.case_id.subject_id == Some(9));
    assert_eq!(part.sites(), dataset.sites());
    assert_eq!(dataset.cases().len(), 3);
    assert_eq!(dataset.fingerprint(&|_| {}).unwrap(), fingerprint);
}

#[test]
fn a_bad_file_stops_a_dataset_and_is_an_error_of_the_audit() {
    let folder = Folder::with_cases(&["1_1"]);
    folder.write("sites.json", r#"{"a": [[5, 1]]}"#);

    let error = Dataset::open(folder.path()).unwrap_err();
    let report = audit(folder.path(), &AuditOptions::default(), &|_| {}).unwrap();

    assert!(error.to_string().contains("[5,1]"), "{error}");
    assert!(report.has_errors());
    let kinds: Vec<_> = report.findings.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&FindingKind::BadSites), "{kinds:?}");
    assert_eq!(report.sites, []);
}

#[test]
fn the_audit_counts_subjects_and_frames_of_each_site() {
    // every second one has a nerve
    let folder = Folder::with_cases(&["1_1", "1_2", "1_3", "2_1", "9_1"]);
    folder.write("sites.json", r#"{"nobody": [5], "near": [[1, 2]]}"#);

    let report = audit(folder.path(), &AuditOptions::default(), &|_| {}).unwrap();

    let row = |site: &str, subjects, positives, empties| SiteRow {
        site: site.to_owned(),
        subjects,
        positives,
        empties,
    };
    assert_eq!(report.sites, [row("near", 2, 2, 2), row("other", 1, 1, 0)]);
    assert!(report.to_html().contains(r#"<h2 id="sites">Sites</h2>"#));
}
