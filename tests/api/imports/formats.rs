//! Files as offices really send them.

use super::{by_code, counts, csv, expected, faults, office, send, state};
use crate::support::on_both;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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
    async fn separators_marks_and_line_ends_are_understood(app: TestApp) {
        let office = office(&app).await;
        for (number, separator) in [",", ";", "\t"].iter().enumerate() {
            let line = |cells: &[&str]| cells.join(separator);
            let text = format!(
                "\u{feff}\r\n{}\r\n{}\r\n\r\n{}\r\n",
                line(&["كد", "نام", "نوع", "نام انگلیسی"]),
                line(&[&format!("k{number}"), "\"دو\nخط\"", "آموزش", ""]),
                line(&[&format!("m{number}"), "\"با, ; و \"\"نقل\"\"\"", "كار", "Labour"]),
            );
            let job = csv(&office, "dataset=agencies&mode=per_row", &text).await;
            // A name has one line.
            assert_eq!(faults(&office, &job).await, expected(&[(1, "name", "invalid_text", "دو\nخط")]), "{separator:?}");
            assert_eq!(by_code(&office, "agencies", &format!("m{number}")).await["name"], "با, ; و \"نقل\"");
        }
    }

    async fn what_is_wrong_with_the_file_fails_it(app: TestApp) {
        let office = office(&app).await;
        for (text, code, row) in [
            ("", "empty_file", None),
            ("\n\n", "empty_file", None),
            ("code,name,kind,colour\na,b,کار,red\n", "unknown_column", None),
            ("a,b,کار\n", "unknown_column", None),
            ("name,kind\nb,کار\n", "missing_column", None),
            ("code,name,نام\na,b,c\n", "duplicate_column", None),
            ("code,name,kind\na,b,کار\nb,\"c,کار\n", "unreadable_file", Some(2)),
        ] {
            let job = csv(&office, "dataset=agencies", text).await;
            assert_eq!((state(&job), job.json["error"]["code"].as_str()), ("failed", Some(code)), "{text:?}: {}", job.text());
            assert_eq!(job.json["error"]["row"].as_i64(), row, "{text:?}");
            assert!(job.json["error"]["message"].as_str().is_some_and(|text| !text.is_empty()));
        }
        let bytes = [b"code,name,kind\na,b,x\n".as_slice(), &[0xff, 0xfe, b'\n']].concat();
        let job = send(&office, "dataset=agencies", "text/csv", bytes).await;
        assert_eq!((job.json["error"]["code"].as_str(), job.json["error"]["row"].as_i64()), (Some("unreadable_file"), Some(2)));
        let job = send(&office, "dataset=agencies", XLSX, b"PK not a workbook".to_vec()).await;
        assert_eq!((state(&job), job.json["error"]["code"].as_str()), ("failed", Some("unreadable_file")));
    }

    async fn a_row_of_another_width_is_rejected(app: TestApp) {
        let office = office(&app).await;
        let job = csv(&office, "dataset=agencies&mode=per_row", "code,name,kind,,\na,الف,کار,,\nb,ب\nc,ج,کار,,x\n").await;
        assert_eq!(counts(&job), [1, 0, 0, 2]);
        assert_eq!(faults(&office, &job).await, expected(&[(2, "-", "wrong_cell_count", "-"), (3, "-", "wrong_cell_count", "-")]));
    }

    async fn a_column_without_a_heading_is_left_out_where_it_is_blank(app: TestApp) {
        let office = office(&app).await;
        let job = csv(&office, "dataset=agencies&mode=per_row", ",code,name,,kind\n,a,الف,,کار\n,b,ب,؟,کار\n").await;
        assert_eq!(faults(&office, &job).await, expected(&[(2, "-", "wrong_cell_count", "-")]));
        assert_eq!(counts(&job), [1, 0, 0, 1]);
    }

    async fn text_behind_a_closing_quote_is_rejected_with_its_row(app: TestApp) {
        let office = office(&app).await;
        // The quote before `open` was never closed: the second row would go into the first.
        let rows = "a,الف,کار,\"open\nb,ب,کار,\"closed\"\nc,ج,کار,\"whole\" \t\nd,\"د \"نقل\" د\",کار,\n\"e\",\"ه \"\"نقل\"\"\",کار,5\" 6\n";
        let job = csv(&office, "dataset=agencies&mode=per_row", &format!("code,name,kind,name_en\n{rows}")).await;
        assert_eq!(faults(&office, &job).await, expected(&[(1, "-", "misquoted", "-"), (3, "-", "misquoted", "-")]));
        assert_eq!(counts(&job), [2, 0, 0, 2]);
        assert_eq!(by_code(&office, "agencies", "c").await["name_en"], "whole");
        // Thousands, more than is read at once.
        let rows: String = (0..4000).map(|n| if n % 1000 == 999 { format!("n{n},\"ن\"!,کار,\n") } else { format!("n{n},\"ن\",کار,\n") }).collect();
        let job = csv(&office, "dataset=agencies&mode=per_row&dry_run=true", &format!("code,name,kind,name_en\n{rows}")).await;
        let places: Vec<_> = faults(&office, &job).await.into_iter().map(|(row, ..)| row).collect();
        assert_eq!((places, state(&job)), (vec![1000, 2000, 3000, 4000], "succeeded"));
        let heading = csv(&office, "dataset=agencies", "code,\"na\"me,kind\na,b,کار\n").await;
        assert_eq!((state(&heading), heading.json["error"]["code"].as_str()), ("failed", Some("unreadable_file")));
    }

    async fn dates_are_read_in_the_files_calendar(app: TestApp) {
        let office = office(&app).await;
        let text = "code,neighborhood_code,domain,title,starts_on,due_on\nj1,sheikh,ورزش,یک,1405/02/31,۱۴۰۵-۳-۱\nj2,sheikh,ورزش,دو,2026-05-21,31/02/1405\n";
        let job = csv(&office, "dataset=initiatives&mode=per_row&calendar=jalali", text).await;
        assert_eq!(faults(&office, &job).await, expected(&[(2, "starts_on", "invalid_format", "2026-05-21"), (2, "due_on", "invalid_format", "31/02/1405")]));
        let made = by_code(&office, "initiatives", "j1").await;
        assert_eq!((made["starts_on"].as_str(), made["due_on"].as_str()), (Some("2026-05-21"), Some("2026-05-22")));
        let job = csv(&office, "dataset=initiatives&mode=per_row", text).await;
        assert_eq!(counts(&job), [0, 0, 0, 2]);
    }

    async fn ndjson_leaves_what_is_absent_and_clears_what_is_null(app: TestApp) {
        let office = office(&app).await;
        let media = "application/x-ndjson";
        let text = "{\"code\":\"n\",\"name\":\"ن\",\"kind\":\"sport\",\"phone\":\"025\",\"active\":false}\n\n{\"code\":\"o\"\n{\"code\":\"p\",\"name\":5,\"kind\":[]}\n";
        let job = send(&office, "dataset=agencies&mode=per_row", media, text.into()).await;
        assert_eq!(counts(&job), [1, 0, 0, 2]);
        assert_eq!(faults(&office, &job).await, expected(&[(3, "-", "malformed_json", "-"), (4, "name", "wrong_type", "5"), (4, "kind", "not_one_of", "[]")]));
        let job = send(&office, "dataset=agencies", media, "{\"code\":\"N\",\"phone\":null}".into()).await;
        assert_eq!(counts(&job), [0, 1, 0, 0]);
        let agency = by_code(&office, "agencies", "n").await;
        assert_eq!((agency["name"].as_str(), &agency["phone"], &agency["active"]), (Some("ن"), &serde_json::Value::Null, &false.into()));
        let job = send(&office, "dataset=agencies", media, "{\"code\":\"N\"}\n{\"code\":\"q\",\"colour\":1}".into()).await;
        assert_eq!((state(&job), job.json["error"]["code"].as_str(), job.json["error"]["row"].as_i64()), ("failed", Some("unknown_column"), Some(2)));
    }

    async fn a_line_without_its_key_is_neither_new_nor_known(app: TestApp) {
        let office = office(&app).await;
        let media = "application/x-ndjson";
        for (dataset, line, lacking) in [
            ("agencies", r#"{"name":"x","kind":"sport"}"#, &["code"][..]),
            ("neighborhoods", r#"{"name":"x","city":"q"}"#, &["code"]),
            ("initiatives", "{}", &["code"]),
            ("initiatives", r#"{"code":null,"title":"x"}"#, &["code"]),
            ("responsibilities", r#"{"title":"x"}"#, &["initiative_code", "code"]),
            ("responsibilities", r#"{"code":"a"}"#, &["initiative_code"]),
            ("users", r#"{"role":"viewer","display_name":"q"}"#, &["username"]),
        ] {
            for query in ["mode=per_row", "dry_run=true", "mode=atomic"] {
                let job = send(&office, &format!("dataset={dataset}&{query}"), media, format!("{line}\n{line}\n").into()).await;
                assert_eq!(counts(&job), [0, 0, 0, 2], "{dataset} {line}: {}", job.text());
                let found: Vec<_> = faults(&office, &job).await.into_iter().map(|(row, column, code, _)| (row, column, code)).collect();
                let wanted = |row: i64| lacking.iter().map(move |name| (row, (*name).to_owned(), "required".to_owned()));
                assert_eq!(found, wanted(1).chain(wanted(2)).collect::<Vec<_>>(), "{dataset} {line}");
            }
        }
    }

    async fn a_file_that_is_no_ndjson_fails(app: TestApp) {
        let office = office(&app).await;
        let utf16: Vec<u8> = "\u{feff}{\"code\":\"a\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let latin = [b"{\"code\":\"a\",\"name\":\"a\",\"kind\":\"sport\"}\n{\"code\":\"b\",\"name\":\"caf".as_slice(), &[0xe9], b"\"}\n"].concat();
        let markless: Vec<u8> = "{\"code\":\"a\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big_endian: Vec<u8> = "{\"code\":\"a\"}\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, row) in [(utf16, 1), (markless, 1), (big_endian, 1), (latin, 2), (b"code,name,kind\na,b,sport\n".to_vec(), 1), (b"[{\"code\":\"a\"}]".to_vec(), 1)] {
            let job = send(&office, "dataset=agencies&mode=per_row", "application/x-ndjson", bytes).await;
            assert_eq!((state(&job), job.json["error"]["code"].as_str(), job.json["error"]["row"].as_i64()), ("failed", Some("unreadable_file"), Some(row)), "{}", job.text());
            let persian = office.get(&format!("/imports/{}", job.id())).await.is(200).json["error"]["message"].as_str().expect("a message").to_owned();
            assert!(persian.starts_with("پرونده خوانده نشد: ") && job.json["error"]["message"].as_str().is_some_and(|text| text.is_ascii()), "{persian}");
        }
        assert_eq!(counts(&send(&office, "dataset=agencies", "application/x-ndjson", Vec::new()).await), [0, 0, 0, 0]);
    }

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
        for (bytes, code) in [(told, "unreadable_file"), (styled, "file_too_large"), (turned, "unreadable_file")] {
            let job = send(&office, "dataset=agencies&dry_run=true", XLSX, bytes).await;
            assert_eq!((state(&job), job.json["error"]["code"].as_str()), ("failed", Some(code)), "{}", job.text());
        }
    }

    async fn what_a_message_shows_of_a_file_is_bounded_and_visible(app: TestApp) {
        let office = office(&app).await;
        let job = csv(&office, "dataset=agencies", &format!("code,name,kind,{}\n", "x".repeat(70_000))).await;
        assert!(job.json["error"]["message"].as_str().is_some_and(|text| text.len() < 300), "{}", job.text().len());
        let utf16: Vec<u8> = "code,name,kind\na,b,sport\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let job = send(&office, "dataset=agencies", "text/csv", utf16).await;
        assert_eq!((job.json["error"]["code"].as_str(), job.json["error"]["message"].as_str()), (Some("unreadable_file"), Some("The file cannot be read: its text is UTF-16; save it as UTF-8.")));
        let job = csv(&office, "dataset=agencies&mode=per_row", "code,name,kind\ny\u{0},a\u{0}b,sport\n").await;
        let row = office.get(&format!("/imports/{}/rows", job.id())).await.is(200).json["items"][0].clone();
        assert_eq!((&row["code"], &row["errors"][1]["value"]), (&"y\u{fffd}".into(), &"a\u{fffd}b".into()));
    }

    async fn cells_are_trimmed_before_they_are_judged(app: TestApp) {
        let office = office(&app).await;
        let text = "code,name,kind,phone\nt1,\"نام\n\u{200f}\",\"کار\n\",\"\t025\r\n\"\n\u{a0},\u{200c},,\n";
        let job = csv(&office, "dataset=agencies", text).await;
        assert_eq!((counts(&job), job.json["rows_total"].as_i64()), ([1, 0, 0, 0], Some(1)), "{}", job.text());
        let made = by_code(&office, "agencies", "t1").await;
        assert_eq!((made["name"].as_str(), made["phone"].as_str()), (Some("نام"), Some("025")));
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

    async fn every_day_that_is_written_in_jalali_is_read_again(app: TestApp) {
        let office = office(&app).await;
        csv(&office, "dataset=neighborhoods", "code,name,city,designated_on,profile_as_of\nd1,ن,قم,1900-01-01,2199-12-31\nd2,ن,قم,1921-03-20,1921-03-21\n").await;
        let file = office.get("/neighborhoods/export?format=csv&calendar=jalali").await.is(200);
        assert!(file.text().contains("1278-10-11") && file.text().contains("1578-10-10"), "{}", file.text());
        let job = send(&office, "dataset=neighborhoods&calendar=jalali", "text/csv", file.body.clone()).await;
        assert_eq!(counts(&job)[..2], [0, 0], "{:?}", faults(&office, &job).await);
        assert_eq!(counts(&job)[3], 0);
        let job = csv(&office, "dataset=neighborhoods&calendar=jalali&mode=per_row", "code,name,city,designated_on\nd3,ن,قم,1278-10-10\nd4,ن,قم,1578-10-11\n").await;
        assert_eq!(counts(&job), [0, 0, 0, 2]);
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

    async fn every_export_imports_as_all_unchanged(app: TestApp) {
        let office = office(&app).await;
        csv(&office, "dataset=neighborhoods", "code,name,city,latitude,longitude,population,designated_on,designation\ngeo,=HYPERLINK(1),قم,34.64,50,1000,2026-01-02,الگو\n").await;
        csv(&office, "dataset=agencies", "code,name,kind,active\n-x,x,کار,true\nx1,'=1+1,کار,false\n").await;
        csv(&office, "dataset=initiatives", "code,neighborhood_code,domain,title,description,starts_on,budget_planned_rial\ni1,geo,sport,+98,\"a\nb\",2026-01-01,7\n").await;
        csv(&office, "dataset=responsibilities", "initiative_code,code,agency_code,part,title,due_on,acceptance_criterion\ni1,r1,edu,lead,@me,2026-02-01,-5\n").await;
        csv(&office, "dataset=users", "username,display_name,role,agency_code,active\nu-1,آقا,دستگاه,edu,بله\n").await;
        for dataset in ["agencies", "neighborhoods", "initiatives", "responsibilities", "users"] {
            for (format, media) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson"), ("xlsx", XLSX)] {
                for calendar in ["gregorian", "jalali"] {
                    let file = office.get(&format!("/{dataset}/export?format={format}&calendar={calendar}&bom=true")).await.is(200);
                    let job = send(&office, &format!("dataset={dataset}&calendar={calendar}"), media, file.body.clone()).await;
                    let rows = job.json["rows_total"].as_i64().expect("a count");
                    assert!(rows > 0 && counts(&job) == [0, 0, rows, 0], "{dataset} {format} {calendar}: {} {:?}", job.text(), faults(&office, &job).await);
                }
            }
        }
        assert_eq!(by_code(&office, "neighborhoods", "geo").await["name"], "=HYPERLINK(1)");
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
