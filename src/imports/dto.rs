//! Bodies, answers and parameters.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{dataset::DatasetName, file::FileFormat};
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        export::{Calendar, TableFormat},
        fields::field_from_json,
        page::page_of,
        query::{AnyOf, Flag},
        shape::Faults,
    },
};

text_enum! {
    /// What a rejected row means for the others: with `atomic` nothing is written, with `per_row` the sound rows are.
    pub enum ImportMode {
        /// A single rejected row, and nothing is written.
        Atomic = "atomic",
        /// Every row stands by itself.
        PerRow = "per_row",
    }
}

text_enum! {
    /// State of an import: `rejected`, nothing is written since rows were rejected; `failed`, the file as a whole can't be taken;
    /// `succeeded` with `per_row` may still have rejected rows.
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
    /// The states of an import that is not over.
    pub const OPEN: [Self; 2] = [Self::Queued, Self::Running];

    /// Whether nothing more happens to it.
    pub fn is_over(self) -> bool {
        !Self::OPEN.contains(&self)
    }
}

text_enum! {
    /// Outcome of a row, or, where nothing is written, the outcome that it would have had.
    pub enum RowOutcome {
        /// A new item was made.
        Created = "created",
        /// An item that was there already was changed.
        Updated = "updated",
        /// The item already was as the row says.
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
    /// Kind of items that the file holds.
    #[param(example = "initiatives")]
    pub dataset: DatasetName,
    /// What a rejected row means for the others; `atomic` where absent.
    #[deserr(default)]
    #[param(example = "per_row")]
    pub mode: Option<ImportMode>,
    /// Whether only to check and report, and write nothing; `false` where absent.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub dry_run: Option<Flag>,
    /// The calendar of every date in the file; `gregorian` where absent.
    #[deserr(default)]
    #[param(example = "jalali")]
    pub calendar: Option<Calendar>,
    /// The file's format; needed where neither a `Content-Type` nor the name of a form's file tells it.
    #[deserr(default)]
    #[param(example = "csv")]
    pub format: Option<FileFormat>,
}

/// A form with the file to import, as browsers send it.
#[derive(ToSchema)]
#[schema(example = json!({"file": "code,name,kind\neducation,آموزش و پرورش,education\n"}))]
#[expect(dead_code, reason = "the document's view of what is read as a stream")]
pub struct ImportUpload {
    /// The file: CSV, NDJSON or XLSX.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream", max_length = 268_435_456)]
    file: Vec<u8>,
}

/// Why a file as a whole could not be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"code": "unknown_column", "message": "ستون «رنگ» شناخته نیست.", "row": null}))]
pub struct ImportError {
    /// Stable code of the fault, the same in every language.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("unknown_column"))]
    pub code: String,
    /// What the code means, in the language of `Accept-Language`.
    #[schema(min_length = 1, max_length = 2000, pattern = "^[^\\x00]+$")]
    pub message: String,
    /// Number of the row at fault; null where the fault is in no single row.
    #[schema(minimum = 1, maximum = 4_294_967_295_i64)]
    pub row: Option<i64>,
}

/// An import: a file on its way into the register.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Import {
    /// Id of the import.
    pub id: Id,
    /// Kind of items that the file holds.
    pub dataset: DatasetName,
    /// What a rejected row means for the others.
    pub mode: ImportMode,
    /// Whether the import only checks and reports, and writes nothing.
    pub dry_run: bool,
    /// The calendar of the file's dates.
    pub calendar: Calendar,
    /// The file's format.
    pub format: FileFormat,
    /// Id of the user or service account that sent the file.
    pub created_by: Id,
    /// State of the import.
    pub state: ImportState,
    /// Number of rows in the file, blank ones left out; null until it has been read once.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub rows_total: Option<i64>,
    /// Number of rows that have been checked so far.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub rows_done: i64,
    /// Number of rows that made a new item, or would have.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub created: i64,
    /// Number of rows that changed an item, or would have.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub updated: i64,
    /// Number of rows whose item was already as they say.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub unchanged: i64,
    /// Number of rows that were refused.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    pub rejected: i64,
    /// When work on the import first began; null where it has not.
    pub started_at: Option<Timestamp>,
    /// When the import ended; null until then.
    pub finished_at: Option<Timestamp>,
    /// Why the file could not be imported; null unless `state` is `failed`.
    #[schema(nullable)]
    pub error: Option<ImportError>,
    /// Version, raised whenever the state changes.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When the import was created, after its file had arrived.
    pub created_at: Timestamp,
    /// When the state last changed.
    pub updated_at: Timestamp,
}

page_of!(ImportPage, Import);

/// Filters of the list of imports.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportFilter {
    /// Only imports of these datasets, separated by commas: `agencies`, `neighborhoods`, `initiatives`, `responsibilities`, `users`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub dataset: Option<AnyOf<DatasetName>>,
    /// Only imports in these states, separated by commas: `queued`, `running`, `succeeded`, `rejected`, `failed`, `cancelled`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub state: Option<AnyOf<ImportState>>,
    /// Only imports whose state changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}

/// A fault found in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportRowError {
    /// Name of the field at fault; null where the fault concerns the row as a whole.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$")]
    pub column: Option<String>,
    /// Stable code of the fault, as in a problem's `errors`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("unknown_reference"))]
    pub code: String,
    /// What the code means, in the language of `Accept-Language`.
    #[schema(min_length = 1, max_length = 2000, pattern = "^[^\\x00]+$")]
    pub message: String,
    /// What the cell held, cut to 500 characters; null where there is nothing to show.
    #[schema(max_length = 500, pattern = "^[^\\x00]*$")]
    pub value: Option<String>,
}

/// A row of the file with its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportRow {
    /// Number of the row: 1 for the first data row, blank ones counted.
    #[schema(minimum = 1, maximum = 4_294_967_295_i64)]
    pub row: i64,
    /// Code or username in the row, as given; null where it has none.
    #[schema(max_length = 500, pattern = "^[^\\x00]*$")]
    pub code: Option<String>,
    /// Outcome of the row.
    pub outcome: RowOutcome,
    /// All faults of the row; empty unless it was rejected.
    #[schema(max_items = 100)]
    pub errors: Vec<ImportRowError>,
}

page_of!(ImportRowPage, ImportRow);

/// Filters of the list of an import's rows.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportRowFilter {
    /// Only rows with these outcomes, separated by commas: `created`, `updated`, `unchanged`, `rejected`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub outcome: Option<AnyOf<RowOutcome>>,
}

/// The template that is asked for.
#[derive(Debug, Clone, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplateChoice {
    /// Dataset that the template is for.
    #[param(example = "initiatives")]
    pub dataset: DatasetName,
    /// Format of the template; `csv` where absent.
    #[deserr(default)]
    #[param(inline, example = "xlsx")]
    pub format: Option<TableFormat>,
}
