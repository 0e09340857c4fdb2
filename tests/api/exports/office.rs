//! Spreadsheets as LibreOffice opens them, where it is installed.

use std::{io::Write, process::Command};

use serde_json::json;

use crate::support::{Folder, on_both};

/// What LibreOffice makes of a file; `None` where it is not installed, which is said aloud.
fn converted(folder: &Folder, to: &str) -> Option<String> {
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let filter = if to == "csv" { "csv:Text - txt - csv (StarCalc):44,34,76,1" } else { to };
    let output = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", filter, "--outdir"])
        .args([folder.path(), &folder.path().join("export.xlsx")])
        .output();
    if let Err(problem) = output {
        assert!(std::env::var("REQUIRE_LIBREOFFICE").as_deref() != Ok("1"), "LibreOffice is required: {problem}");
        // Not by `eprintln!`, which is not shown of a test that passes.
        drop(writeln!(std::io::stderr(), "\n*** NOT OPENED IN LIBREOFFICE: soffice can't be run ({problem}) ***\n"));
        return None;
    }
    Some(std::fs::read_to_string(folder.path().join(format!("export.{to}"))).unwrap_or_else(|problem| panic!("{problem}: {output:?}")))
}

on_both! {
    async fn a_spreadsheet_opens_with_the_same_cells_from_right_to_left(app: TestApp) {
        for (code, name) in [("n1", "شیخ‌آباد، با ویرگول"), ("n2", "=1+1"), ("007", "محلهٔ \"سوم\"")] {
            let place = app.neighborhood().coded(code).named(name).with("population", 41_250).with("profile_as_of", "2026-03-21");
            place.with("location", json!({"type": "Point", "coordinates": [50.8764, 34.6416]})).make().await;
        }
        let viewer = app.viewer().await;
        let folder = Folder::new();
        let answer = viewer.get("/neighborhoods/export?format=xlsx&sort=code").await.is(200);
        // Before LibreOffice keeps the test's only thread busy, which the server runs on too.
        let ours = viewer.get("/neighborhoods/export?format=csv&sort=code").await.is(200);
        std::fs::write(folder.path().join("export.xlsx"), &answer.body).expect("a file");
        let Some(opened) = converted(&folder, "csv") else { return };
        let cells = |bytes: &[u8]| -> Vec<Vec<String>> {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
            reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
        };
        let (opened, ours) = (cells(opened.as_bytes()), cells(&ours.body));
        assert_eq!(opened.len(), 4);
        assert_eq!(opened[1..], ours[1..], "every cell but the headings");
        assert_eq!((opened[0][0].as_str(), opened[0][8].as_str()), ("کد", "تاریخ آمار"));
        let document = converted(&folder, "fods").expect("LibreOffice, as before");
        assert!(document.contains(r#"style:writing-mode="rl-tb""#), "right to left");
        assert_eq!(document.matches(r#"office:date-value="2026-03-21""#).count(), 3, "real dates");
        assert_eq!(document.matches(r#"office:value-type="float" office:value="41250""#).count(), 3, "real numbers");
        assert!(document.contains("table:display-filter-buttons=\"true\""), "a filter");
    }
}
