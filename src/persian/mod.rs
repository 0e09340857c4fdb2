//! Persian text, dates and periods: how text is stored, compared, searched and sorted,
//! and how Jalali days and report periods are read and written.
//! Everything here is pure, so that an import cell, a query parameter and a stored key agree.

mod fold;
mod jalali;
mod letters;
mod period;
mod sort;

pub use fold::{ascii_digits, clean, code, code_key, folded, search_key, trim};
pub use jalali::{
    FIRST_DAY, GREGORIAN_YEARS, JALALI_YEARS, LAST_DAY, format_jalali, from_jalali, month_name, parse_gregorian, parse_gregorian_cell,
    parse_jalali, to_jalali,
};
pub use period::{Period, parse_period};
pub use sort::sort_key;
