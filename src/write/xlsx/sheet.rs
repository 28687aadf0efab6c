//! One sheet of rows: a table where it can be one, with its sums.

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    Color, Format, FormatAlign, Formula, Table, TableColumn, TableFunction, TableStyle, Workbook,
    Worksheet, XlsxError,
};

use crate::disk;
use crate::report::table::{Cell, Column, Kind};
use crate::value::{Instant, MICROS_PER_DAY, exact_sum};
use crate::write::text::visible;
use crate::write::xlsx::XlsxProblem;
use crate::write::xlsx::float::{is_kept, nearest, serial};

/// More rows than this go to the file as they come, and are no table: a table's cells are held.
const LONG: usize = 50_000;
/// How many rows one sheet has; a longer file goes on in the next. A worksheet has 1,048,576.
const MOST: u32 = 1_000_000;
/// How many characters a cell may have.
const MOST_CHARACTERS: usize = 32_000;
/// How wide a column is at most.
const WIDEST: u16 = 46;

/// How cells are shown.
pub(super) struct Formats {
    pub(super) plain: Format,
    pub(super) header: Format,
    pub(super) bold: Format,
    pub(super) title: Format,
    pub(super) soft: Format,
    pub(super) money: Format,
    pub(super) money_bold: Format,
    part: Format,
    count: Format,
    percent: Format,
    day: Format,
    time: Format,
    long_number: Format,
}

impl Formats {
    pub(super) fn new(digits: u32) -> Formats {
        let zeros = "0".repeat(digits as usize);
        let point = if digits == 0 { "" } else { "." };
        let money = format!("#,##0{point}{zeros}");
        let part = format!("#,##0.{zeros}{}", "#".repeat(10 - digits.min(10) as usize));
        let new = |format: &str| Format::new().set_num_format(format);
        Formats {
            plain: Format::new(),
            header: Format::new().set_bold(),
            bold: Format::new().set_bold(),
            title: Format::new().set_bold().set_font_size(16),
            soft: Format::new().set_font_color(Color::RGB(0x0059_616B)),
            money_bold: new(&money).set_bold(),
            money: new(&money),
            part: new(&part),
            count: new("#,##0"),
            percent: new("0.0%"),
            day: new("yyyy-mm-dd"),
            time: new("yyyy-mm-dd hh:mm:ss"),
            long_number: new("@").set_align(FormatAlign::Right),
        }
    }

    fn of(&self, kind: Kind) -> &Format {
        match kind {
            Kind::Money => &self.money,
            Kind::Part => &self.part,
            Kind::Count => &self.count,
            Kind::Percent => &self.percent,
            Kind::Text | Kind::Number | Kind::Instant => &self.plain,
        }
    }
}

/// A sheet in the making.
pub(super) struct Sheet {
    name: String,
    columns: Vec<Column>,
    /// The worksheets that it goes on in, each with its rows.
    pages: Vec<Page>,
    is_long: bool,
    widths: Vec<u16>,
    sums: Vec<Decimal>,
    /// Numbers that are written as text, as they have too many digits.
    pub(super) long_numbers: u64,
    /// Amounts that are held to 15 digits only.
    pub(super) cut_amounts: u64,
}

struct Page {
    worksheet: usize,
    name: String,
    rows: u32,
}

impl Sheet {
    /// Begins a sheet of so many rows.
    pub(super) fn begin(
        book: &mut Workbook,
        formats: &Formats,
        name: &str,
        columns: Vec<Column>,
        rows: u64,
    ) -> Result<Sheet, XlsxProblem> {
        let count = columns.len();
        let widths = columns.iter().map(|column| column.name.len() as u16 + 4).collect();
        let mut sheet = Sheet {
            name: name.to_owned(),
            columns,
            pages: Vec::new(),
            is_long: rows > disk::held(LONG) as u64,
            widths,
            sums: vec![Decimal::ZERO; count],
            long_numbers: 0,
            cut_amounts: 0,
        };
        // All pages are there before the next sheet begins, so that they stand side by side.
        for _ in 0..rows.div_ceil(MOST.into()).max(1) {
            sheet.page(book, formats)?;
        }
        Ok(sheet)
    }

    fn page(&mut self, book: &mut Workbook, formats: &Formats) -> Result<(), XlsxProblem> {
        let number = self.pages.len() + 1;
        let name = if number == 1 { self.name.clone() } else { format!("{} {number}", self.name) };
        let worksheet = book.worksheets().len();
        let sheet =
            if self.is_long { book.add_worksheet_with_low_memory()? } else { book.add_worksheet() };
        sheet.set_name(&name)?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_landscape();
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_print_fit_to_pages(1, 0);
        for (place, column) in self.columns.iter().enumerate() {
            sheet.write_string_with_format(0, place as u16, column.name, &formats.header)?;
        }
        self.pages.push(Page { worksheet, name, rows: 0 });
        Ok(())
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// How many rows there are.
    pub(super) fn row_count(&self) -> u64 {
        self.pages.iter().map(|page| u64::from(page.rows)).sum()
    }

    /// The place of a column.
    pub(super) fn column(&self, name: &str) -> Option<u16> {
        self.columns.iter().position(|column| column.name == name).map(|place| place as u16)
    }

    /// The exact sum of a column.
    pub(super) fn sum(&self, column: &str) -> Decimal {
        self.column(column).map_or(Decimal::ZERO, |place| self.sums[usize::from(place)])
    }

    /// A formula that adds a column up.
    pub(super) fn sum_formula(&self, column: &str) -> String {
        let Some(place) = self.column(column) else { return "=0".to_owned() };
        let letter = letters(place);
        let ranges = self.pages.iter().map(|page| {
            let name = page.name.replace('\'', "''");
            format!("'{name}'!${letter}$2:${letter}${}", page.rows.max(1) + 1)
        });
        format!("=SUM({})", ranges.collect::<Vec<_>>().join(","))
    }

    /// Adds a row.
    pub(super) fn row(
        &mut self,
        book: &mut Workbook,
        formats: &Formats,
        cells: &[Cell],
    ) -> Result<(), XlsxProblem> {
        let page = (self.row_count() / u64::from(MOST)) as usize;
        let page = page.min(self.pages.len() - 1);
        let (worksheet, row) = (self.pages[page].worksheet, self.pages[page].rows + 1);
        let sheet = book.worksheet_from_index(worksheet)?;
        for (place, cell) in cells.iter().enumerate() {
            let column = self.columns[place];
            let width = match cell {
                Cell::Empty => 0,
                Cell::Text(text) => write_text(sheet, (row, place as u16), text, &formats.plain)?,
                Cell::Count(count) => {
                    let number = Decimal::from(*count);
                    self.sums[place] = exact_sum(self.sums[place], number)?;
                    let format = &formats.count;
                    sheet.write_number_with_format(row, place as u16, nearest(number), format)?;
                    10
                }
                Cell::Number(number) => {
                    if column.is_summed {
                        self.sums[place] = exact_sum(self.sums[place], *number)?;
                    }
                    let is_kept = is_kept(*number);
                    if !is_kept && column.kind == Kind::Number {
                        self.long_numbers += 1;
                        let text = number.normalize().to_string();
                        write_text(sheet, (row, place as u16), &text, &formats.long_number)?
                    } else {
                        self.cut_amounts += u64::from(!is_kept);
                        let format = formats.of(column.kind);
                        sheet.write_number_with_format(
                            row,
                            place as u16,
                            nearest(*number),
                            format,
                        )?;
                        number.normalize().to_string().len() as u16 + 3
                    }
                }
                Cell::Instant(instant) => {
                    write_instant(sheet, (row, place as u16), *instant, formats)?
                }
            };
            self.widths[place] = self.widths[place].max((width + 1).min(WIDEST));
        }
        self.pages[page].rows = row;
        Ok(())
    }

    /// All rows are in: makes tables of them, with sums, or a filter where there are many.
    pub(super) fn finish(
        &mut self,
        book: &mut Workbook,
        formats: &Formats,
    ) -> Result<(), XlsxProblem> {
        let last = self.columns.len() as u16 - 1;
        for page in &self.pages {
            let sheet = book.worksheet_from_index(page.worksheet)?;
            for (place, width) in self.widths.iter().enumerate() {
                sheet.set_column_width(place as u16, *width)?;
            }
            if self.is_long {
                sheet.autofilter(0, 0, page.rows, last)?;
            } else if page.rows > 0 {
                self.table(sheet, page, formats)?;
            }
        }
        Ok(())
    }

    fn table(
        &self,
        sheet: &mut Worksheet,
        page: &Page,
        formats: &Formats,
    ) -> Result<(), XlsxProblem> {
        let is_summed = self.columns.iter().any(|column| column.is_summed);
        let columns: Vec<TableColumn> = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let shown = TableColumn::new().set_header(column.name);
                match column.is_summed {
                    true => shown.set_total_function(TableFunction::Sum),
                    false if place == 0 => shown.set_total_label("Total"),
                    false => shown,
                }
            })
            .collect();
        let name = page.name.replace(' ', "_");
        let table = Table::new()
            .set_name(&name)
            .set_columns(&columns)
            .set_style(TableStyle::Light1)
            .set_total_row(is_summed);
        let last = page.rows + u32::from(is_summed);
        sheet.add_table(0, 0, last, self.columns.len() as u16 - 1, &table)?;
        if !is_summed {
            return Ok(());
        }
        sheet.write_string_with_format(last, 0, "Total", &formats.bold)?;
        // The formula that the table has, with the value that it gives.
        for (place, column) in self.columns.iter().enumerate().filter(|(_, c)| c.is_summed) {
            let formula = format!("=SUBTOTAL(109,{name}[{}])", column.name);
            let formula = Formula::new(formula).set_result(self.sums[place].to_string());
            let format = formats.of(column.kind).clone().set_bold();
            sheet.write_formula_with_format(last, place as u16, formula, &format)?;
        }
        Ok(())
    }
}

/// Writes a text as text, whatever it begins with; how wide it is. A cell holds 32,767 characters.
pub(super) fn write_text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<u16, XlsxError> {
    let text = visible(text);
    let count = text.chars().count();
    if text.is_empty() {
        return Ok(0);
    }
    if count > MOST_CHARACTERS {
        let head: String = text.chars().take(MOST_CHARACTERS).collect();
        let text = format!("{head}… (cut: {count} characters)");
        sheet.write_string_with_format(row, column, text, format)?;
    } else {
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(count.min(usize::from(WIDEST)) as u16)
}

fn write_instant(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    instant: Instant,
    formats: &Formats,
) -> Result<u16, XlsxError> {
    let is_day = instant.micros() % MICROS_PER_DAY == 0;
    let (format, width) = if is_day { (&formats.day, 11) } else { (&formats.time, 20) };
    match serial(instant) {
        Some(serial) => {
            sheet.write_number_with_format(row, column, serial, format)?;
            Ok(width)
        }
        None => write_text(sheet, (row, column), &instant.to_string(), &formats.plain),
    }
}

/// The letters of a column: A … Z, AA …
fn letters(place: u16) -> String {
    let letter = |number: u16| char::from(b'A' + number as u8);
    if place < 26 {
        letter(place).to_string()
    } else {
        format!("{}{}", letter(place / 26 - 1), letter(place % 26))
    }
}
