//! Bodies, answers and parameters.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{dataset::DatasetName, file::FileFormat};
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        export::Calendar,
        fields::field_from_json,
        page::page_of,
        query::{AnyOf, Flag},
        shape::Faults,
    },
};

text_enum! {
    /// What a rejected row does to the others.
    pub enum ImportMode {
        /// One rejected row, and nothing is written.
        Atomic = "atomic",
        /// Every row stands by itself.
        PerRow = "per_row",
    }
}

text_enum! {
    /// Where an import stands.
    pub enum ImportState {
        /// Waits for a worker.
        Queued = "queued",
        /// Is being read, judged and written.
        Running = "running",
        /// Done; with `per_row` some rows may have been rejected.
        Succeeded = "succeeded",
        /// Nothing is written, since rows were rejected.
        Rejected = "rejected",
        /// The file can't be taken; `error` says why.
        Failed = "failed",
        /// Given up on demand.
        Cancelled = "cancelled",
    }
}

impl ImportState {
    /// In which something is still to happen to it.
    pub const OPEN: [Self; 2] = [Self::Queued, Self::Running];

    /// Whether nothing more happens to it.
    pub fn is_over(self) -> bool {
        !Self::OPEN.contains(&self)
    }
}

text_enum! {
    /// What became of a row, or would have.
    pub enum RowOutcome {
        /// A new thing.
        Created = "created",
        /// Changes to one that was there.
        Updated = "updated",
        /// As it was there already.
        Unchanged = "unchanged",
        /// Refused, with all its faults.
        Rejected = "rejected",
    }
}

field_from_json!(ImportMode, ImportState, RowOutcome);

/// How a file is to be imported.
#[derive(Debug, Clone, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewImport {
    /// What the file holds.
    #[param(example = "initiatives")]
    pub dataset: DatasetName,
    /// What a rejected row does to the others; `atomic` unless said otherwise.
    #[deserr(default)]
    #[param(example = "per_row")]
    pub mode: Option<ImportMode>,
    /// Whether to report alone, and write nothing.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub dry_run: Option<Flag>,
    /// The calendar of every date in the file; `gregorian` unless said otherwise.
    #[deserr(default)]
    #[param(example = "jalali")]
    pub calendar: Option<Calendar>,
    /// The file's format, where Content-Type does not tell.
    #[deserr(default)]
    #[param(example = "csv")]
    pub format: Option<FileFormat>,
}

/// A file as browsers send it.
#[derive(ToSchema)]
#[schema(example = json!({"file": "code,name,kind\neducation,آموزش و پرورش,education\n"}))]
#[expect(dead_code, reason = "the document's view of what is read as a stream")]
pub struct ImportUpload {
    /// CSV, NDJSON or XLSX.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream", max_length = 268_435_456)]
    file: Vec<u8>,
}

/// Why a file was not taken as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"code": "unknown_column", "message": "ستون «رنگ» شناخته نیست.", "row": null}))]
pub struct ImportError {
    /// A stable word.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("unknown_column"))]
    pub code: String,
    /// What it means, in the caller's language.
    #[schema(min_length = 1, max_length = 2000, pattern = "^[^\\x00]+$")]
    pub message: String,
    /// In which row, if in one.
    #[schema(minimum = 1, maximum = 4_294_967_295_i64)]
    pub row: Option<i64>,
}

/// An import: a file on its way into the register.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80", "dataset": "initiatives", "mode": "per_row", "dry_run": false,
    "calendar": "jalali", "format": "xlsx", "created_by": "0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f81", "state": "succeeded",
    "rows_total": 60, "rows_done": 60, "created": 41, "updated": 6, "unchanged": 11, "rejected": 2,
    "started_at": "2026-11-22T08:30:00.200000Z", "finished_at": "2026-11-22T08:30:01.000000Z", "error": null, "version": 3,
    "created_at": "2026-11-22T08:30:00.000000Z", "updated_at": "2026-11-22T08:30:01.000000Z"
}))]
pub struct Import {
    /// Its id.
    pub id: Id,
    /// What the file holds.
    pub dataset: DatasetName,
    /// What a rejected row does to the others.
    pub mode: ImportMode,
    /// Whether it only reports.
    pub dry_run: bool,
    /// The calendar of the file's dates.
    pub calendar: Calendar,
    /// The file's format.
    pub format: FileFormat,
    /// Who sent it.
    pub created_by: Id,
    /// Where it stands.
    pub state: ImportState,
    /// How many rows the file has, blank ones left out; null until it has been read once.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub rows_total: Option<i64>,
    /// How many have been judged.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub rows_done: i64,
    /// New things, or what would have been.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub created: i64,
    /// Changed things, or what would have been.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub updated: i64,
    /// Things that were there already.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub unchanged: i64,
    /// Refused rows.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub rejected: i64,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why the file was not taken; only where it failed.
    #[schema(nullable)]
    pub error: Option<ImportError>,
    /// Moved when its state changes.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
}

page_of!(ImportPage, Import);

/// Which imports.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportFilter {
    /// Datasets, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub dataset: Option<AnyOf<DatasetName>>,
    /// States, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub state: Option<AnyOf<ImportState>>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}

/// A fault of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"column": "weight", "code": "out_of_range", "message": "بیرون از بازهٔ 1 تا 100 است.", "value": "۱۰۱"}))]
pub struct ImportRowError {
    /// The field's name; null where it concerns the row as a whole.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$")]
    pub column: Option<String>,
    /// A stable word, as in a problem's `errors`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("unknown_reference"))]
    pub code: String,
    /// What it means, in the caller's language.
    #[schema(min_length = 1, max_length = 2000, pattern = "^[^\\x00]+$")]
    pub message: String,
    /// What stood there, cut to 500 characters.
    #[schema(max_length = 500, pattern = "^[^\\x00]*$")]
    pub value: Option<String>,
}

/// What became of a row, or would have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "row": 17, "code": "SH-EDU-09", "outcome": "rejected",
    "errors": [{"column": "weight", "code": "out_of_range", "message": "بیرون از بازهٔ 1 تا 100 است.", "value": "۱۰۱"}]
}))]
pub struct ImportRow {
    /// Its number: 1 for the first after the heading, blank ones counted.
    #[schema(minimum = 1, maximum = 4_294_967_295_i64)]
    pub row: i64,
    /// Its code or username, as given.
    #[schema(max_length = 500, pattern = "^[^\\x00]*$")]
    pub code: Option<String>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// All its faults.
    #[schema(max_items = 100)]
    pub errors: Vec<ImportRowError>,
}

page_of!(ImportRowPage, ImportRow);

/// Which rows of an import's report, and which page of them.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportRowFilter {
    /// Outcomes, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub outcome: Option<AnyOf<RowOutcome>>,
}

text_enum! {
    /// The format of a template.
    #[allow(missing_docs, reason = "the words speak")]
    pub enum TemplateFormat {
        Csv = "csv",
        Xlsx = "xlsx",
    }
}

field_from_json!(TemplateFormat);

/// Which template.
#[derive(Debug, Clone, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplateChoice {
    /// Of which dataset.
    #[param(example = "initiatives")]
    pub dataset: DatasetName,
    /// In which format; `csv` unless said otherwise.
    #[deserr(default)]
    #[param(inline, example = "xlsx")]
    pub format: Option<TemplateFormat>,
}
