//! What a kind of thing implements so that it can be imported; the runner does the rest.

use super::{cell::Cells, file::FileColumns};
use crate::{
    db::text_enum,
    error::ApiError,
    fault::Fault,
    http::fields::field_from_json,
    policy::Role,
    tx::{Stamp, Tx},
};

text_enum! {
    /// Kind of items that an imported file holds.
    #[expect(missing_docs, reason = "the words speak")]
    pub enum DatasetName {
        Agencies = "agencies",
        Neighborhoods = "neighborhoods",
        Initiatives = "initiatives",
        Responsibilities = "responsibilities",
        Users = "users",
    }
}

field_from_json!(DatasetName);

impl DatasetName {
    /// Whether a role may import it at all (DESIGN §2, "Rights"); which rows it may write is judged row by row.
    pub const fn allows(self, role: Role) -> bool {
        match (role, self) {
            (Role::Province, _) | (Role::NeighborhoodManager, Self::Initiatives | Self::Responsibilities) => true,
            (Role::NeighborhoodManager | Role::Agency | Role::Viewer, _) => false,
        }
    }
}

/// What a row does.
#[derive(Debug)]
pub enum Step<N, C> {
    /// A new thing.
    Create(N),
    /// A change of one that is there.
    Update(C),
    /// Nothing: the item already is as the row says.
    Unchanged,
}

/// A row as it was read, judged by its shape alone.
#[derive(Debug)]
pub struct Draft<V> {
    /// Its number in the file.
    pub row: u32,
    /// Its key folded; none where it can't be read.
    pub key: Option<String>,
    /// Its values; faulty ones are left out.
    pub values: V,
    /// The cells that it was read from, with the faults found so far.
    pub cells: Cells,
}

/// What a row of a dataset does.
pub type StepOf<D> = Step<<D as Dataset>::New, <D as Dataset>::Change>;

/// A kind of thing that can be imported: how a row is read, judged and written, a batch at a time.
pub trait Dataset: 'static {
    /// A row's values.
    type Values: Send + 'static;
    /// What a batch of rows refers to, looked up in a fixed number of statements.
    type Known: Send;
    /// What one row's judgement changes for the next ones.
    type Memory: Send + Default;
    /// A new thing to be written.
    type New: Send;
    /// A change to be written.
    type Change: Send;
    /// A batch that only has to be stored.
    type Prepared: Send;
    /// The table that its items are stored in.
    const TABLE: &'static str;
    /// Its columns.
    const FILE_COLUMNS: FileColumns;
    /// The example row of its template, column by column. Its keys are of nothing that exists: whoever forgets to take it out changes
    /// nothing that is there.
    const EXAMPLE: &'static [&'static str];

    /// Reads a row; faults of shape gather in `cells`.
    fn read(cells: &mut Cells) -> Self::Values;

    /// The row's natural key, folded.
    fn key(values: &Self::Values) -> Option<String>;

    /// What has to be known before the first row.
    ///
    /// # Errors
    /// Those of the database.
    fn begin(_: &mut Tx<'_>) -> Result<Self::Memory, ApiError> {
        Ok(Self::Memory::default())
    }

    /// Looks up what a batch refers to; locks it first where the batch is to be written.
    ///
    /// # Errors
    /// Those of the database.
    fn look_up(tx: &mut Tx<'_>, drafts: &[Draft<Self::Values>], locking: bool) -> Result<Self::Known, ApiError>;

    /// Takes out the item of a row's key that was looked up, as if it were not there.
    fn remove_known(known: &mut Self::Known, key: &str, values: &Self::Values);

    /// Judges a row by the rules of requests: what it does, and all faults of rule and reference, with JSON pointers as locations.
    ///
    /// # Errors
    /// `internal` alone.
    fn judge(
        stamp: &Stamp<'_>,
        values: Self::Values,
        known: &Self::Known,
        memory: &Self::Memory,
    ) -> Result<(StepOf<Self>, Vec<Fault>), ApiError>;

    /// The columns that a rule across fields looks at: where one of them can't be read, the rule says nothing.
    fn depends_on(_fault: &Fault) -> &'static [&'static str] {
        &[]
    }

    /// Remembers a row that was not rejected.
    fn remember(_step: &StepOf<Self>, _memory: &mut Self::Memory) {}

    /// Prepares all that needs no database; it runs while another batch is being stored.
    ///
    /// # Errors
    /// `internal` alone.
    fn prepare(stamp: &Stamp<'_>, steps: Vec<StepOf<Self>>) -> Result<Self::Prepared, ApiError>;

    /// Writes a batch with its events.
    ///
    /// # Errors
    /// Those of the database.
    fn store(tx: &mut Tx<'_>, batch: Self::Prepared) -> Result<(), ApiError>;
}

/// The column that a fault's JSON pointer means; none where the fault is of the row as a whole. Files refer by code.
pub fn column_of(pointer: &str) -> Option<String> {
    let name = pointer.trim_start_matches('/');
    let column = name.strip_suffix("_id").map_or_else(|| name.to_owned(), |referred| format!("{referred}_code"));
    Some(column).filter(|column| !column.is_empty())
}
