//! Templates that offices fill in: Persian headings, an example row and, in XLSX, lists to choose from.

use actix_web::{HttpRequest, web::Data};
use chrono::NaiveDate;
use rust_xlsxwriter::{ColNum, DataValidation, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::{
    dataset::{Dataset, DatasetName},
    dto::TemplateChoice,
    readable::Spoken,
};
use crate::{
    agencies::{self, AgencyKind, queries::Agencies},
    app::App,
    auth::Caller,
    db::Conn,
    domains,
    error::ApiError,
    http::{
        answer::{Answer, attachment},
        export::{Column, TableFormat, csv_line},
        negotiate::accepts,
    },
    initiatives::queries::Initiatives,
    neighborhoods::{self, Designation, queries::Neighborhoods},
    policy::Role,
    responsibilities::{Part, queries::Responsibilities},
    users::queries::Users,
};

/// How many rows below the heading have a list to choose from.
const ROWS_WITH_LISTS: u32 = 5_000;

/// The columns of a template.
fn columns(dataset: DatasetName) -> impl Iterator<Item = &'static Column> {
    parts(dataset).0.iter().filter(|column| column.writable)
}

/// All columns of a dataset, and the example of those that are written.
const fn parts(dataset: DatasetName) -> (&'static [Column], &'static [&'static str]) {
    const fn of<D: Dataset>() -> (&'static [Column], &'static [&'static str]) {
        (D::FILE_COLUMNS.all, D::EXAMPLE)
    }
    match dataset {
        DatasetName::Agencies => of::<Agencies>(),
        DatasetName::Neighborhoods => of::<Neighborhoods>(),
        DatasetName::Initiatives => of::<Initiatives>(),
        DatasetName::Responsibilities => of::<Responsibilities>(),
        DatasetName::Users => of::<Users>(),
    }
}

/// A template as the document shows it, without its byte order mark.
pub fn example() -> Option<String> {
    let text = String::from_utf8(csv(DatasetName::Agencies).ok()?).ok()?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

/// The values to choose from in a column; none where it takes any text.
fn choices(column: &str, references: &References) -> Option<Vec<String>> {
    fn spoken<T: Spoken>() -> Vec<String> {
        T::NAMES.iter().map(|(_, name)| (*name).to_owned()).collect()
    }
    Some(match column {
        "kind" => spoken::<AgencyKind>(),
        "designation" => spoken::<Designation>(),
        "part" => spoken::<Part>(),
        "role" => spoken::<Role>(),
        "active" => vec!["بله".into(), "خیر".into()],
        "domain" => references.domains.clone(),
        "agency_code" | "lead_agency_code" => references.agencies.clone(),
        "neighborhood_code" => references.places.clone(),
        _ => return None,
    })
}

/// What this province's rows may refer to.
struct References {
    domains: Vec<String>,
    agencies: Vec<String>,
    places: Vec<String>,
}

impl References {
    fn load(conn: &mut Conn, province_id: i32, today: NaiveDate) -> Result<Self, ApiError> {
        let mut domains = domains::queries::all(conn, province_id)?;
        domains.sort_by_key(|domain| domain.position);
        Ok(Self {
            domains: domains.into_iter().filter(|domain| domain.active).map(|domain| domain.name).collect(),
            agencies: agencies::queries::usable_codes(conn, province_id)?,
            places: neighborhoods::queries::open_codes(conn, province_id, today)?,
        })
    }
}

/// The template as a file.
///
/// # Errors
/// 406 where the client does not take the format.
pub async fn answer(app: &Data<App>, who: &Caller, request: &HttpRequest, choice: TemplateChoice) -> Answer {
    let format = choice.format.unwrap_or_default();
    accepts(request, &[format.media_type(), "application/problem+json"])?;
    let bytes = match format {
        TableFormat::Csv => csv(choice.dataset)?,
        TableFormat::Xlsx => {
            let (province, today) = (who.actor.province_id, app.world.today());
            let references = app.db.read(move |conn| References::load(conn, province, today)).await?;
            let book = tokio::task::spawn_blocking(move || xlsx(choice.dataset, &references)).await;
            book.map_err(ApiError::internal)?.map_err(ApiError::internal)?
        }
    };
    Ok(attachment(format.media_type(), &format!("{}-template.{format}", choice.dataset)).body(bytes))
}

/// With a byte order mark, without which spreadsheets misread Persian.
fn csv(dataset: DatasetName) -> Result<Vec<u8>, ApiError> {
    let (headings, example) = (csv_line(columns(dataset).map(|column| column.heading))?, csv_line(parts(dataset).1.iter())?);
    Ok(["\u{feff}".as_bytes(), &headings, &example].concat())
}

fn xlsx(dataset: DatasetName, references: &References) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (heading, text) = (Format::new().set_bold().set_align(FormatAlign::Center), Format::new().set_num_format("@"));
    let mut lists = Worksheet::new();
    lists.set_name("فهرست‌ها")?.set_right_to_left(true);
    let sheet = book.add_worksheet();
    sheet.set_name("داده‌ها")?.set_right_to_left(true).set_freeze_panes(1, 0)?;
    let mut listed: ColNum = 0;
    for (number, (column, value)) in columns(dataset).zip(parts(dataset).1).enumerate() {
        let number = ColNum::try_from(number).unwrap_or(ColNum::MAX);
        sheet.write_string_with_format(0, number, column.heading, &heading)?.set_column_width(number, 20)?;
        // Cells are text, so that dates, and codes that look like numbers, stay as they are typed.
        sheet.set_column_format(number, &text)?;
        if !value.is_empty() {
            sheet.write_string_with_format(1, number, *value, &text)?;
        }
        let Some(words) = choices(column.name, references).filter(|words| !words.is_empty()) else { continue };
        lists.write_string_with_format(0, listed, column.heading, &heading)?;
        for (row, word) in (1_u32..).zip(&words) {
            lists.write_string(row, listed, word)?;
        }
        let letter = rust_xlsxwriter::utility::column_number_to_name(listed);
        let range = format!("='فهرست‌ها'!${letter}$2:${letter}${}", words.len() + 1);
        let rule = DataValidation::new().allow_list_formula(range.as_str().into());
        sheet.add_data_validation(1, number, ROWS_WITH_LISTS, number, &rule)?;
        listed += 1;
    }
    if listed > 0 {
        book.push_worksheet(lists);
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_an_example() {
        for dataset in DatasetName::ALL {
            assert_eq!(columns(*dataset).count(), parts(*dataset).1.len(), "{dataset}");
        }
    }
}
