//! Public holidays, from a table that is built in (`compliance/data/holidays.csv`, whose README says
//! how it was made). A year that it does not cover is not known, and what is not known is a holiday.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::local::{day_of, year_of};
use super::region::Region;

const HOLIDAYS: &str = include_str!("../../compliance/data/holidays.csv");

/// What a day is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DayIs {
    Holiday,
    /// The table has no such region, or not that year.
    NotCovered,
    WorkingDay,
}

/// The holidays by region.
#[derive(Debug, Default)]
pub(super) struct Holidays(BTreeMap<Region, Calendar>);

/// Of one region.
#[derive(Debug, Default)]
struct Calendar {
    /// Days since 1970-01-01, in order.
    days: Vec<i64>,
    years: Vec<i16>,
}

impl Holidays {
    /// The table that is built in.
    pub fn embedded() -> &'static Holidays {
        static EMBEDDED: LazyLock<Holidays> = LazyLock::new(|| Holidays::read(HOLIDAYS));
        &EMBEDDED
    }

    /// The table with one text in the place of another, which must be there.
    #[cfg(test)]
    pub fn with_fault(says: &str, made_to_say: &str) -> Self {
        assert!(HOLIDAYS.contains(says), "{says}");
        Self::read(&HOLIDAYS.replacen(says, made_to_say, 1))
    }

    /// Reads `scope,date,name`; a row that cannot be read is left out, and a test counts them.
    fn read(table: &str) -> Self {
        let mut holidays = Self::default();
        for row in table.lines().skip(1) {
            let mut cells = row.split(',');
            let region = cells.next().and_then(Region::parse);
            let date: Option<Date> = cells.next().and_then(|cell| cell.parse().ok());
            let Some((region, date)) = region.zip(date) else { continue };
            let calendar = holidays.0.entry(region).or_default();
            calendar.days.push(day_of(date));
            if !calendar.years.contains(&date.year()) {
                calendar.years.push(date.year());
            }
        }
        holidays.0.values_mut().for_each(|calendar| calendar.days.sort_unstable());
        holidays
    }

    /// What a day is there, by days since 1970-01-01.
    pub fn day_is(&self, region: Region, day: i64) -> DayIs {
        let Some(calendar) = self.0.get(&region) else { return DayIs::NotCovered };
        if calendar.days.binary_search(&day).is_ok() {
            return DayIs::Holiday;
        }
        let covered = calendar.years.contains(&year_of(day));
        if covered { DayIs::WorkingDay } else { DayIs::NotCovered }
    }

    /// Whether the table has the region at all.
    pub fn knows(&self, region: Region) -> bool {
        self.0.contains_key(&region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day_is(region: &str, date: &str) -> DayIs {
        let (region, date) = (Region::parse(region).unwrap(), date.parse().unwrap());
        Holidays::embedded().day_is(region, day_of(date))
    }

    #[test]
    fn every_row_is_read() {
        let read: usize = Holidays::embedded().0.values().map(|calendar| calendar.days.len()).sum();
        assert_eq!(read, HOLIDAYS.lines().count() - 1);
    }

    #[test]
    fn a_day_is_one_where_it_is_and_only_there() {
        assert_eq!(day_is("US-RI", "2026-08-10"), DayIs::Holiday, "Victory Day");
        assert_eq!(day_is("US-CT", "2026-08-10"), DayIs::WorkingDay);
        assert_eq!(day_is("FR", "2026-11-11"), DayIs::Holiday);
        assert_eq!(day_is("FR", "2026-11-12"), DayIs::WorkingDay);
    }

    #[test]
    fn a_year_or_a_place_without_a_table_is_not_known() {
        for (region, date) in [
            ("FR", "2023-12-31"),
            ("FR", "2029-01-02"),
            ("XX", "2026-01-02"),
            ("US-LA", "1999-01-04"),
        ] {
            assert_eq!(day_is(region, date), DayIs::NotCovered, "{region} {date}");
        }
        assert_eq!(day_is("FR", "2024-01-02"), DayIs::WorkingDay);
        assert_eq!(day_is("FR", "2028-12-31"), DayIs::WorkingDay);
    }
}
