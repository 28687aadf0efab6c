//! Tables of a page: the first rows as markup, all of them as data that the page's script sorts,
//! searches and saves.

use std::fmt::Write as _;

use crate::report::table::{Cell, Cells, Kind, Table};
use crate::value::Overflow;
use crate::write::html::markup::{counted, escaped, json_text, shown};
use crate::write::text::grouped;

/// How many rows stand there before anybody asks for more.
const FIRST_ROWS: usize = 12;

/// A table that is ready to be put into a page.
pub(super) struct Sheet<'a> {
    id: String,
    table: &'a Table,
    digits: u32,
    /// Each row as JSON.
    rows: Vec<String>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(prefix: &str, table: &'a Table, digits: u32) -> Sheet<'a> {
        let id = format!("{prefix}{}", table.id);
        Sheet { id, table, digits, rows: table.rows.iter().map(json_row).collect() }
    }

    /// The id of its table.
    pub(super) fn table_id(&self) -> &'static str {
        self.table.id
    }

    /// How many bytes its data takes.
    pub(super) fn size(&self) -> usize {
        self.rows.iter().map(|row| row.len() + 1).sum()
    }

    /// Its markup and its data; rows past `room` bytes are added up in one row.
    pub(super) fn markup(&self, room: usize) -> Result<String, Overflow> {
        let mut taken = 0;
        let fits = |row: &&String| {
            taken += row.len() + 1;
            taken <= room
        };
        let kept = self.rows.iter().take_while(fits).count();
        let rest = &self.table.rows[kept..];
        let rest = if rest.is_empty() { None } else { Some((rest.len(), self.table.sums(rest)?)) };
        let total = if self.table.is_summed() && !self.table.rows.is_empty() {
            Some(self.table.sums(&self.table.rows)?)
        } else {
            None
        };
        let mut out = String::new();
        self.open(&mut out);
        self.body(&mut out, kept.min(FIRST_ROWS));
        self.foot(&mut out, rest.as_ref(), total.as_ref());
        out.push_str("</table></div>\n");
        if kept > FIRST_ROWS {
            let _ = writeln!(
                out,
                "<p class=\"more\" hidden><button type=\"button\" data-do=\"more\">Show more \
                 rows</button></p>"
            );
        }
        self.data(&mut out, kept, rest.as_ref(), total.as_ref());
        out.push_str("</div>\n");
        Ok(out)
    }

    fn open(&self, out: &mut String) {
        let Table { title, about, columns, rows, .. } = self.table;
        let id = &self.id;
        let count = counted(rows.len(), "row", "rows");
        let _ = writeln!(
            out,
            "<div class=\"sheet\" id=\"{id}\">\n\
             <div class=\"tools\"><label class=\"search\" hidden><span class=\"visually-hidden\">\
             Search {title}</span><input type=\"search\" placeholder=\"Search\" \
             autocomplete=\"off\" spellcheck=\"false\"></label>\
             <span class=\"count\" role=\"status\">{count}</span>\
             <button type=\"button\" class=\"save\" data-do=\"save\" hidden>Download CSV<span \
             class=\"visually-hidden\"> of {title}</span></button></div>\n\
             <p class=\"about\" id=\"{id}-about\"><strong>{title}</strong> {about}</p>\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n\
             <table aria-describedby=\"{id}-about\"><caption class=\"visually-hidden\">{title}\
             </caption>\n<thead><tr>",
            title = escaped(title),
            about = escaped(about),
        );
        for column in columns {
            let class = if column.kind.is_number() { " class=\"n\"" } else { "" };
            let _ = write!(
                out,
                "<th scope=\"col\"{class}><button type=\"button\" data-do=\"sort\">{}</button></th>",
                escaped(column.label)
            );
        }
        out.push_str("</tr></thead>\n");
    }

    fn body(&self, out: &mut String, count: usize) {
        out.push_str("<tbody>\n");
        for row in &self.table.rows[..count] {
            self.row(out, row, None);
        }
        if self.table.rows.is_empty() {
            let span = self.table.columns.len();
            let _ = writeln!(out, "<tr><td class=\"none\" colspan=\"{span}\">Nothing.</td></tr>");
        }
        out.push_str("</tbody>\n");
    }

    fn foot(&self, out: &mut String, rest: Option<&(usize, Cells)>, total: Option<&Cells>) {
        if rest.is_none() && total.is_none() {
            return;
        }
        out.push_str("<tfoot>\n");
        if let Some((count, cells)) = rest {
            self.row(out, cells, Some(("rest", &rest_label(*count))));
        }
        if let Some(cells) = total {
            self.row(out, cells, Some(("total", "Total")));
        }
        out.push_str("</tfoot>\n");
    }

    /// One row; `label` is the class of a row of sums, and what it is called.
    fn row(&self, out: &mut String, cells: &Cells, label: Option<(&str, &str)>) {
        let class = label.map_or(String::new(), |(class, _)| format!(" class=\"{class}\""));
        let _ = write!(out, "<tr{class}>");
        for (place, (cell, column)) in cells.iter().zip(&self.table.columns).enumerate() {
            if let (0, Some((_, label))) = (place, label) {
                let _ = write!(out, "<th scope=\"row\">{}</th>", escaped(label));
                continue;
            }
            let text = shown(cell, column.kind, self.digits);
            let class = look(cell, &text, column.kind);
            let exact = match cell {
                Cell::Number(number) if matches!(column.kind, Kind::Part | Kind::Percent) => {
                    format!(" title=\"{number}\"")
                }
                _ => String::new(),
            };
            let tag = if place == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            let _ =
                write!(out, "<{} class=\"{class}\"{exact}>{}</{}>", tag.0, escaped(&text), tag.1);
        }
        out.push_str("</tr>\n");
    }

    fn data(
        &self,
        out: &mut String,
        kept: usize,
        rest: Option<&(usize, Cells)>,
        total: Option<&Cells>,
    ) {
        let Table { id, columns, .. } = self.table;
        let _ = write!(
            out,
            "<script type=\"application/json\" id=\"{}-data\">{{\"file\":\"{id}.csv\",\
             \"digits\":{},\"first\":{FIRST_ROWS},\"columns\":[",
            self.id, self.digits
        );
        for (place, column) in columns.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(
                out,
                "{comma}[\"{}\",\"{}\",{}]",
                column.name,
                kind_name(column.kind),
                column.is_summed
            );
        }
        let _ = write!(out, "],\"rows\":[{}]", self.rows[..kept].join(","));
        if let Some((count, cells)) = rest {
            let _ = write!(out, ",\"rest\":{{\"label\":\"{}\",\"cells\":", rest_label(*count));
            out.push_str(&json_row(cells));
            out.push('}');
        }
        if let Some(cells) = total {
            out.push_str(",\"total\":");
            out.push_str(&json_row(cells));
        }
        out.push_str("}</script>\n");
    }
}

/// The class of a cell: numbers stand right, what is 0 stands back, and only long texts wrap.
fn look(cell: &Cell, shown: &str, kind: Kind) -> &'static str {
    let is_zero = match cell {
        Cell::Number(number) => number.is_zero(),
        Cell::Count(count) => *count == 0,
        Cell::Empty | Cell::Text(_) | Cell::Instant(_) => false,
    };
    match (kind.is_number(), is_zero) {
        (true, true) => "n z",
        (true, false) => "n",
        (false, _) if shown.chars().count() > 40 => "l",
        (false, _) => "s",
    }
}

fn rest_label(count: usize) -> String {
    let rows = if count == 1 { "row" } else { "rows" };
    format!("{} more {rows}, added up", grouped(count))
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Count => "count",
        Kind::Money => "money",
        Kind::Part => "part",
        Kind::Number => "number",
        Kind::Percent => "percent",
        Kind::Instant => "instant",
    }
}

/// The cells of a row as texts, as machine files have them.
fn json_row(cells: &Cells) -> String {
    let mut out = String::from("[");
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        json_text(&mut out, &cell.plain());
    }
    out.push(']');
    out
}

/// How many bytes of `room` each of these gets: all that it needs where that is little, otherwise
/// an equal part of what the others leave.
pub(super) fn shares(sizes: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|place| sizes[*place]);
    let mut shares = vec![0; sizes.len()];
    let mut left = room;
    for (done, place) in order.iter().enumerate() {
        let share = sizes[*place].min(left / (sizes.len() - done));
        shares[*place] = share;
        left -= share;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_little_tables_leave_the_large_ones_get() {
        assert_eq!(shares(&[10, 500, 1000], 600), [10, 295, 295]);
        assert_eq!(shares(&[10, 100, 1000], 600), [10, 100, 490]);
        assert_eq!(shares(&[10, 20], 600), [10, 20]);
        assert_eq!(shares(&[], 600), [0; 0]);
    }
}
