//! What workbooks hold, templates among them, and files that would fill the memory.

use super::{XLSX, by_code, counts, csv, expected, faults, office, send, state};
use crate::support::on_both;

/// A workbook with other parts.
fn repacked(book: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut parts = zip::ZipArchive::new(Cursor::new(book)).expect("an archive");
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..parts.len() {
        let mut part = parts.by_index(number).expect("a part");
        let (name, mut text) = (part.name().expect("a name").into_owned(), String::new());
        part.read_to_string(&mut text).expect("text");
        packed.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("a part");
        packed.write_all(change(&name, text).as_bytes()).expect("a part");
    }
    packed.finish().expect("an archive").into_inner()
}

on_both! {
    async fn a_file_that_would_fill_the_memory_fails(app: TestApp) {
        let office = office(&app).await;
        let job = csv(&office, "dataset=agencies", &format!("code,name,kind\na,b,sport\n{}\n", ",".repeat(2 << 20))).await;
        assert_eq!((state(&job), job.json["error"]["code"].as_str(), job.json["error"]["row"].as_i64()), ("failed", Some("unreadable_file"), Some(2)));
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write(0, 0, "code").expect("a cell");
        let whole = book.save_to_buffer().expect("a workbook");
        // A text that stands there once, in more cells than a row of text may be long; and more cells than a row has.
        let again = |text: &str, cells: String| {
            let mut book = rust_xlsxwriter::Workbook::new();
            book.add_worksheet().write(0, 0, "code").and_then(|sheet| sheet.write(1, 0, "ONCE")).expect("cells");
            repacked(&book.save_to_buffer().expect("a workbook"), |name, part| {
                let cell = r#"<c r="A2" t="s"><v>1</v></c>"#;
                if name.ends_with("sheet1.xml") {
                    assert!(part.contains(cell), "{part}");
                }
                part.replace("ONCE", text).replace(cell, &cells)
            })
        };
        let filled: String = ('A'..='Q').map(|column| format!(r#"<c r="{column}2" t="s"><v>1</v></c>"#)).collect();
        for bytes in [again(&"a".repeat(1 << 16), filled), again("a", r#"<c r="A2"/>"#.repeat(20_000))] {
            let job = send(&office, "dataset=agencies&dry_run=true", XLSX, bytes).await;
            assert_eq!((state(&job), job.json["error"]["code"].as_str(), job.json["error"]["row"].as_i64()), ("failed", Some("unreadable_file"), Some(1)), "{}", job.text());
        }
        // Strings that are told and not there: the reader would make room for them.
        let told = repacked(&whole, |name, text| {
            if name.ends_with("sharedStrings.xml") { text.replace("uniqueCount=\"1\"", "uniqueCount=\"1000000000000000\"") } else { text }
        });
        let styled = repacked(&whole, |name, text| if name.ends_with("styles.xml") { text + &" ".repeat(5 << 20) } else { text });
        let turned = repacked(&whole, |name, text| {
            if name.ends_with("sheet1.xml") { text.replace("</sheetData>", "<row r=\"3\"><c r=\"A3\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData>") } else { text }
        });
        // What the reader would hold in memory whole, or one within the other.
        let put = |part: &str, before: &str, what: String| {
            repacked(&whole, |name, text| if name.ends_with(part) { text.replace(before, &format!("{what}{before}")) } else { text })
        };
        let nested = put("sheet1.xml", "</sheetData>", "<a>".repeat(100));
        let endless = put("sheet1.xml", "</sheetData>", "a".repeat(17 << 20));
        let names = put("workbook.xml", "</workbook>", "<definedName/>".repeat(200_001));
        let strings = put("sharedStrings.xml", "</sst>", "<si/>".repeat(2_000_001));
        let [broken, empty] = ["<sst uniqueCount=\"10000000000000\"><", "<sst uniqueCount=\"10000000000000\"/>"]
            .map(|part| repacked(&whole, |name, text| if name.ends_with("sharedStrings.xml") { part.to_owned() } else { text }));
        let costly = [broken, empty, nested, names, strings].map(|bytes| (bytes, "unreadable_file"));
        for (bytes, code) in [(told, "unreadable_file"), (styled, "file_too_large"), (endless, "file_too_large"), (turned, "unreadable_file")].into_iter().chain(costly) {
            let job = send(&office, "dataset=agencies&dry_run=true", XLSX, bytes).await;
            assert_eq!((state(&job), job.json["error"]["code"].as_str()), ("failed", Some(code)), "{}", job.text());
        }
    }

    async fn what_a_cell_holds_is_told_by_its_kind(app: TestApp) {
        let office = office(&app).await;
        // As in a request.
        let line = r#"{"code":"k","name":"n","kind":5,"active":1}"#;
        let job = send(&office, "dataset=agencies&mode=per_row", "application/x-ndjson", line.into()).await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "kind", "wrong_type", "5"), (1, "active", "wrong_type", "1")]));
        let job = csv(&office, "dataset=agencies", "code,name,kind\nk, '=x,sport\n").await;
        assert_eq!((state(&job), &by_code(&office, "agencies", "k").await["name"]), ("succeeded", &"=x".into()));
        let job = csv(&office, "dataset=users&mode=per_row", "username,display_name,role,agency_code\nu,n,boss,k\n").await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "role", "not_one_of", "boss")]));
        // Cells of a workbook by their XML: a date in its own type, a formula that nobody has worked out.
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, heading) in (0..).zip(["code", "name", "city", "designated_on", "county"]) {
            sheet.write(0, column, heading).expect("a cell");
        }
        for (column, text) in (0..).zip(["x-1", "محله", "قم"]) {
            sheet.write(1, column, text).expect("a cell");
        }
        let whole = book.save_to_buffer().expect("a workbook");
        let with = |cells: &str| {
            repacked(&whole, |name, text| {
                let at = text.rfind("</row>").filter(|_| name.ends_with("sheet1.xml"));
                at.map_or(text.clone(), |at| format!("{}{cells}{}", &text[..at], &text[at..]))
            })
        };
        let dated = send(&office, "dataset=neighborhoods&calendar=jalali", XLSX, with(r#"<c r="D2" t="d"><v>2026-05-01T00:00:00.000</v></c>"#)).await;
        assert_eq!(state(&dated), "succeeded", "{}", dated.text());
        assert_eq!(by_code(&office, "neighborhoods", "x-1").await["designated_on"], "2026-05-01");
        let job = send(&office, "dataset=neighborhoods&mode=per_row", XLSX, with(r#"<c r="E2"><f>"a"&amp;"b"</f><v></v></c>"#)).await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "county", "wrong_type", "formula")]));
        // One that is worked out, beside cells that are there and empty, as a workbook with borders has them, and a blank row of such.
        let bordered = with(r#"<c r="D2" s="0"/><c r="E2"><f>"a"&amp;"b"</f><v>ab</v></c></row><row r="3"><c r="A3" s="0"/><c r="D3" s="0"><v></v></c>"#);
        let job = send(&office, "dataset=neighborhoods&mode=per_row", XLSX, bordered).await;
        assert_eq!((counts(&job)[3], job.json["rows_total"].as_i64()), (0, Some(1)), "{:?}", faults(&office, &job).await);
        // What can't be told apart is refused, with its row.
        for cells in [r#"<c r="A2"><v>7</v></c>"#, r#"<c r="E2"><v>7</c>"#] {
            let job = send(&office, "dataset=neighborhoods", XLSX, with(cells)).await;
            assert_eq!((job.json["error"]["code"].as_str(), job.json["error"]["row"].as_i64()), (Some("unreadable_file"), Some(1)), "{cells}");
        }
        for (digits, shown) in [("12345678901234567890", "12345678901234567000"), ("1234567890123450", "1234567890123450")] {
            let job = send(&office, "dataset=neighborhoods&mode=per_row", XLSX, with(&format!(r#"<c r="E2"><v>{digits}</v></c>"#))).await;
            assert_eq!(faults(&office, &job).await, expected(&[(1, "county", "wrong_type", shown)]));
        }
    }

    async fn a_chart_before_the_data_is_passed_over(app: TestApp) {
        let office = office(&app).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let mut chart = rust_xlsxwriter::Chart::new(rust_xlsxwriter::ChartType::Column);
        chart.add_series().set_values("Data!$B$2:$B$2");
        book.add_chartsheet().insert_chart(0, 0, &chart).expect("a chart");
        let sheet = book.add_worksheet().set_name("Data").expect("a name");
        for (column, (heading, text)) in (0..).zip([("code", "first"), ("name", "نهاد"), ("kind", "sport")]) {
            sheet.write(0, column, heading).and_then(|sheet| sheet.write(1, column, text)).expect("cells");
        }
        let job = send(&office, "dataset=agencies", XLSX, book.save_to_buffer().expect("a workbook")).await;
        assert_eq!((state(&job), counts(&job)[0]), ("succeeded", 1), "{}", job.text());
    }

    async fn an_error_of_a_formula_is_told_as_such(app: TestApp) {
        let office = office(&app).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, (heading, text)) in (0..).zip([("code", "x"), ("name", "n"), ("kind", "sport"), ("phone", "025")]) {
            sheet.write(0, column, heading).and_then(|sheet| sheet.write(1, column, text)).expect("cells");
        }
        let whole = book.save_to_buffer().expect("a workbook");
        let with = |error: &str| {
            repacked(&whole, |name, text| {
                let cell = r#"<c r="D2" t="s"><v>7</v></c>"#;
                assert!(!name.ends_with("sheet1.xml") || text.contains(cell), "{text}");
                text.replace(cell, &format!(r#"<c r="D2" t="e"><f>A1</f><v>{error}</v></c>"#))
            })
        };
        let job = send(&office, "dataset=agencies&mode=per_row", XLSX, with("#DIV/0!")).await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "phone", "wrong_type", "#DIV/0!")]));
        let job = send(&office, "dataset=agencies&mode=per_row", XLSX, with("#SPILL!")).await;
        let error = &job.json["error"];
        assert_eq!((state(&job), error["code"].as_str(), error["row"].as_i64()), ("failed", Some("unreadable_file"), Some(1)));
        assert!(error["message"].as_str().is_some_and(|text| text.contains("#SPILL!")), "{error}");
    }

    async fn a_spreadsheet_brings_real_dates_and_numbers_stored_as_text(app: TestApp) {
        let office = office(&app).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet();
        for (column, heading) in (0..).zip(["کد", "کد محله", "حوزه", "عنوان", "تاریخ شروع", "تاریخ پایان", "وزن", "بودجه"]) {
            sheet.write(2, column, heading).expect("a cell");
        }
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 12, 1).expect("a day");
        sheet.write(3, 0, "x-1").expect("a cell");
        sheet.write(3, 1, "Sheikh").expect("a cell");
        sheet.write(3, 2, "بانوان سرپرست خانوار").expect("a cell");
        sheet.write(3, 3, 2026).expect("a cell");
        sheet.write_with_format(3, 4, &day, &date).expect("a cell");
        sheet.write(3, 5, "۲۰۲۷/۵/۳۱").expect("a cell");
        sheet.write(3, 6, "۴۰").expect("a cell");
        sheet.write(3, 7, 4_500_000_000_i64).expect("a cell");
        sheet.write(5, 0, "x-2").expect("a cell");
        sheet.write(5, 4, 46_000).expect("a cell");
        sheet.write(5, 6, 4.5).expect("a cell");
        let bytes = book.save_to_buffer().expect("a workbook");
        let job = send(&office, "dataset=initiatives&mode=per_row", XLSX, bytes.clone()).await;
        assert_eq!(counts(&job), [1, 0, 0, 1], "{}", job.text());
        let found = faults(&office, &job).await;
        let places: Vec<_> = found.iter().map(|(row, column, code, _)| (*row, column.as_str(), code.as_str())).collect();
        assert_eq!(places, [
            (3, "title", "required"), (3, "starts_on", "invalid_format"), (3, "weight", "wrong_type"),
            (3, "neighborhood_code", "required"), (3, "domain", "required"),
        ]);
        let made = by_code(&office, "initiatives", "x-1").await;
        assert_eq!((made["title"].as_str(), made["starts_on"].as_str(), made["due_on"].as_str()), (Some("2026"), Some("2026-12-01"), Some("2027-05-31")));
        assert_eq!((made["weight"].as_i64(), made["budget_planned_rial"].as_i64(), made["domain"].as_str()), (Some(40), Some(4_500_000_000), Some("women_heads_of_household")));

        let part = reqwest::multipart::Part::bytes(bytes).file_name("plan.xlsx");
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = office.request(reqwest::Method::POST, "/imports?dataset=initiatives&mode=per_row").header("prefer", "wait=20");
        let job = request.form(form).await.is(202);
        assert_eq!(counts(&job), [0, 0, 1, 1]);
        let octets = "application/octet-stream";
        let packed = office.request(reqwest::Method::POST, "/imports?dataset=agencies").header("content-encoding", "gzip").body("text/csv", "x").await;
        packed.refused(415, "unsupported_media_type");
        office.request(reqwest::Method::POST, "/imports?dataset=agencies").body(octets, "x").await.refused(400, "invalid_parameter").with_errors(&[("format", "required")]);
        office.request(reqwest::Method::POST, "/imports?dataset=agencies").body("image/png", "x").await.refused(415, "unsupported_media_type");
        assert_eq!(state(&send(&office, "dataset=agencies&format=csv", octets, b"code\n".to_vec()).await), "succeeded");
    }

    async fn a_day_counts_from_1900_or_from_1904_as_the_workbook_says(app: TestApp) {
        let office = office(&app).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet();
        for (column, heading) in (0..).zip(["code", "neighborhood_code", "domain", "title", "starts_on"]) {
            sheet.write(0, column, heading).expect("a cell");
        }
        for (row, serial) in (1..).zip([1, 60, 61]) {
            for (column, text) in (0..).zip([format!("d-{serial}").as_str(), "sheikh", "sport", "زمین"]) {
                sheet.write(row, column, text).expect("a cell");
            }
            sheet.write_with_format(row, 4, serial, &date).expect("a cell");
        }
        let from_1900 = book.save_to_buffer().expect("a workbook");
        let from_1904 = repacked(&from_1900, |name, text| {
            if name.ends_with("workbook.xml") { text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ") } else { text }
        });
        let job = send(&office, "dataset=initiatives&mode=per_row", XLSX, from_1900).await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "starts_on", "invalid_format", "1"), (2, "starts_on", "invalid_format", "60")]));
        assert_eq!(by_code(&office, "initiatives", "d-61").await["starts_on"], "1900-03-01");
        let job = send(&office, "dataset=initiatives", XLSX, from_1904).await;
        assert_eq!((state(&job), counts(&job)), ("succeeded", [2, 1, 0, 0]));
        for (code, day) in [("d-1", "1904-01-02"), ("d-60", "1904-03-01"), ("d-61", "1904-03-02")] {
            assert_eq!(by_code(&office, "initiatives", code).await["starts_on"], day);
        }
    }

    async fn a_template_is_a_file_that_imports(app: TestApp) {
        let office = office(&app).await;
        for dataset in ["agencies", "neighborhoods", "users", "initiatives", "responsibilities"] {
            for (format, media) in [("csv", "text/csv"), ("xlsx", XLSX)] {
                let file = office.get(&format!("/imports/template?dataset={dataset}&format={format}")).await.is(200);
                assert!(file.header("content-disposition").is_some_and(|header| header.starts_with("attachment; filename*=UTF-8''")));
                let job = send(&office, &format!("dataset={dataset}&dry_run=true&mode=per_row"), media, file.body.clone()).await;
                assert_eq!((state(&job), job.json["rows_total"].as_i64()), ("succeeded", Some(1)), "{dataset} {format}: {}", job.text());
                let found: Vec<_> = faults(&office, &job).await.into_iter().map(|(_, _, code, _)| code).collect();
                assert!(found.iter().all(|code| code == "unknown_reference"), "{dataset}: {found:?}");
            }
        }
    }

    async fn a_template_lists_the_places_that_are_open_today(app: TestApp) {
        use std::io::Read;
        let office = office(&app).await;
        for (code, closes) in [("closes-later", "2026-11-23"), ("closes-today", "2026-11-22")] {
            office.post("/neighborhoods", serde_json::json!({"code": code, "name": "محله", "city": "قم", "closed_on": closes})).await.is(201);
        }
        let file = office.get("/imports/template?dataset=initiatives&format=xlsx").await.is(200);
        let mut parts = zip::ZipArchive::new(std::io::Cursor::new(file.body)).expect("an archive");
        let mut strings = String::new();
        parts.by_name("xl/sharedStrings.xml").expect("strings").read_to_string(&mut strings).expect("text");
        assert!(strings.contains("closes-later") && !strings.contains("closes-today"), "{strings}");
    }
}
