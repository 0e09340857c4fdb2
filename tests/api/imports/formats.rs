//! Files as offices really send them.

use super::{XLSX, by_code, counts, csv, expected, faults, office, send, state};
use crate::support::on_both;

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
            (";;;\n;;;\n", "empty_file", None),
            ("\t\n", "empty_file", None),
            ("code,name,kind,colour\na,b,کار,red\n", "unknown_column", None),
            ("a,b,کار\n", "unknown_column", None),
            ("name,kind\nb,کار\n", "missing_column", None),
            ("code,name,نام\na,b,c\n", "duplicate_column", None),
            ("code,name,kind\na,b,کار\nb,\"c,کار\n", "unreadable_file", Some(2)),
            ("\n\n\"code,name,kind\na,b,کار\n", "unreadable_file", None),
            ("code,name,نام,colour\na,b,c,red\n", "unknown_column", None),
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
}
