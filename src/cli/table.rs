//! A table for people, whose columns stand under one another in Persian too.

use unicode_width::UnicodeWidthChar;

/// Keeps a line left to right on a terminal that orders right-to-left text itself; has no width.
const LEFT_TO_RIGHT: char = '\u{200e}';

/// The rows as lines under their heading. Cells of the last column are left whole, others are cut to `widest`.
pub(super) fn lines<const N: usize>(heading: [&str; N], rows: &[[String; N]], widest: usize) -> Vec<String> {
    let all = || std::iter::once(heading.map(str::to_owned)).chain(rows.iter().cloned());
    let cells: Vec<[String; N]> = all().map(|row| cut(row, widest)).collect();
    let mut widths = [0; N];
    for row in &cells {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = width(cell).max(*most);
        }
    }
    cells.iter().map(|row| line(row, &widths)).collect()
}

fn cut<const N: usize>(row: [String; N], widest: usize) -> [String; N] {
    let mut number = 0;
    row.map(|cell| {
        number += 1;
        let plain: String = cell.chars().map(harmless).collect();
        if number == N || width(&plain) <= widest {
            return plain;
        }
        let mut room = widest.saturating_sub(1);
        let fits = |letter: &char| {
            let left = room.checked_sub(letter.width().unwrap_or(0));
            room = left.unwrap_or(0);
            left.is_some()
        };
        plain.chars().take_while(fits).chain(['…']).collect()
    })
}

/// Replaces characters that could control the terminal or reverse its lines; the text comes from a file.
fn harmless(letter: char) -> char {
    match letter {
        '\n' | '\r' | '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    }
}

/// The width letter by letter, as terminals count: they do not draw lam and alef as one.
fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let turned = row.iter().flat_map(|cell| cell.chars()).any(is_right_to_left);
    let mark = if turned { String::from(LEFT_TO_RIGHT) } else { String::new() };
    let padded = row.iter().zip(widths).map(|(cell, room)| format!("{cell}{mark}{}", " ".repeat(room.saturating_sub(width(cell)))));
    let joined = padded.collect::<Vec<_>>().join("  ");
    format!("{mark}{}", joined.trim_end_matches(' '))
}

const fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 3]]) -> Vec<String> {
        let rows: Vec<[String; 3]> = rows.iter().map(|row| row.map(str::to_owned)).collect();
        lines(["row", "value", "message"], &rows, 8).iter().map(|line| line.replace(LEFT_TO_RIGHT, "")).collect()
    }

    #[test]
    fn columns_stand_under_one_another_in_persian_too() {
        let lines = table(&[["7", "کلاس", "M."], ["120", "شیخ\u{200c}آباد", "پیام"], ["3", "ab", "N."]]);
        assert_eq!(lines[0], "row  value    message");
        assert_eq!(lines[1], "7    کلاس     M.");
        assert_eq!(lines[2], "120  شیخ\u{200c}آباد  پیام");
        assert_eq!(lines[3], "3    ab       N.");
    }

    #[test]
    fn what_is_long_is_cut_but_in_the_last_column() {
        assert_eq!(table(&[["1", "123456789", "a message that is long"]])[1], "1    1234567…  a message that is long");
    }

    #[test]
    fn a_value_can_not_steer_the_terminal() {
        let lines = table(&[["1", "\u{1b}[2J\n\u{202e}x", ""]]);
        assert_eq!(lines[1], "1    \u{fffd}[2J \u{fffd}x");
    }

    #[test]
    fn a_line_with_persian_runs_from_left_to_right_all_the_same() {
        let rows = [["1".to_owned(), "قم".to_owned()], ["2".to_owned(), "a".to_owned()]];
        assert_eq!(lines(["row", "value"], &rows, 20)[1..], ["\u{200e}1\u{200e}    قم\u{200e}", "2    a"]);
    }
}
