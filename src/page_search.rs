//! Page search: finds the page that lists a source, with few requests.
//!
//! Rows are sorted by source id, so a page without the source tells on which side of it to look next. Each page is a
//! snapshot: rows shift between requests when other sources come or go.

use crate::stitch::id::SourceId;
use crate::stitch::listing::ROWS_PER_PAGE;

/// The most pages that one search reads. Binary search finds a source among 200,000 with as many.
pub const MOST_LOOKS: u32 = 12;

/// The result of reading a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The page's number, from 1.
    pub page: u64,
    /// The least and the greatest source id on it; none if it is empty or missing.
    pub ends: Option<(SourceId, SourceId)>,
    /// The number of rows on all pages, if Stitch tells it.
    pub total: Option<u64>,
    /// True if it is marked as the last page.
    pub is_last: bool,
}

/// A search for a source that no page has shown so far.
#[derive(Clone, Debug)]
pub struct PageSearch {
    source_id: SourceId,
    next: Option<u64>,
    /// The highest page known to be wholly before the source.
    before: Option<(Look, u32)>,
    /// The lowest page known to be wholly after the source.
    after: Option<(Look, u32)>,
    last_page: Option<u64>,
    looks: u32,
}

impl PageSearch {
    /// A search that starts at the page where the source was, or would have been, last time.
    pub fn new(source_id: SourceId, first: u32) -> Self {
        Self { source_id, next: Some(u64::from(first.max(1))), before: None, after: None, last_page: None, looks: 0 }
    }

    /// The page to read next. None if the source is not listed.
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// Records a page without the source.
    pub fn missed(&mut self, look: Look) {
        self.looks += 1;
        self.last_page = look.total.map(|total| total.div_ceil(ROWS_PER_PAGE)).or(self.last_page);
        let seen = Some((look, self.looks));
        match look.ends {
            Some((_, greatest)) if greatest < self.source_id => {
                self.before = seen;
                self.after = self.after.filter(|(after, _)| after.page > look.page);
            }
            Some((least, _)) if least <= self.source_id => return self.next = None,
            _ => {
                self.after = seen;
                self.before = self.before.filter(|(before, _)| before.page < look.page);
            }
        }
        self.next = if self.looks < MOST_LOOKS { self.choose(look) } else { None };
    }

    /// Records a missing page: the source can only be before it.
    pub fn gone(&mut self, page: u64) {
        self.missed(Look { page, ends: None, total: None, is_last: true });
    }

    fn choose(&self, latest: Look) -> Option<u64> {
        let before = self.before.map_or(0, |(before, _)| before.page);
        // The first page after all that can show the source: the one past the last, or the last itself if it was read.
        let end = match (self.last_page, latest.is_last) {
            (Some(last_page), _) => last_page + 1,
            (None, true) => latest.page,
            (None, false) => before + 2,
        };
        let after = self.after.map_or(end, |(after, _)| after.page.min(end)).max(before + 1);
        let unseen = after - before - 1;
        let Some(halvings) = unseen.checked_ilog2() else {
            return self.look_again();
        };
        // The larger side of the guess must be small enough to halve in the remaining requests.
        let reach = (1 << halvings) - 1;
        // If no page has shown ids, none is before the source.
        let page = self.guess().unwrap_or(unseen.div_ceil(2));
        Some(page.clamp(after - 1 - reach, before + 1 + reach))
    }

    /// The page to read again if the source belongs between two neighbouring pages: if the list has changed since the
    /// first was read, its row may have moved there.
    fn look_again(&self) -> Option<u64> {
        let (before, after) = self.before.zip(self.after)?;
        let first = [before, after].into_iter().min_by_key(|(_, looked_at)| *looked_at);
        first.filter(|_| before.0.total != after.0.total).map(|(first, _)| first.page)
    }

    /// The page of the source if ids are evenly spread: interpolation.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a guess")]
    fn guess(&self) -> Option<u64> {
        let ends = |seen: Option<(Look, u32)>| seen.and_then(|(look, _)| Some((look.page, look.ends?)));
        // Two points of the line from ids to pages: the inner ends of the pages around the source, or both ends of the
        // only one.
        let ((id_1, page_1), (id_2, page_2)) = match (ends(self.before), ends(self.after)) {
            (Some((before, (_, greatest))), Some((after, (least, _)))) => ((greatest, before + 1), (least, after)),
            (Some((page, (least, greatest))), None) | (None, Some((page, (least, greatest)))) => {
                ((least, page), (greatest, page + 1))
            }
            (None, None) => return None,
        };
        let [id, id_1, id_2] = [self.source_id, id_1, id_2].map(|id| id.get() as f64);
        let [page_1, page_2] = [page_1, page_2].map(|page| page as f64);
        // For a page with one row the line is vertical: the cast clamps the result to the pages.
        Some((page_1 + (id - id_1) / (id_2 - id_1) * (page_2 - page_1)) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(number: u64) -> SourceId {
        SourceId::new(number).expect("an id")
    }

    /// An account's listed source ids, sorted; a test may change them between requests.
    struct Account(Vec<u64>);

    impl Account {
        fn spread(sources: u64) -> Self {
            Self((1..=sources).map(|number| 100_000 + number * 37).collect())
        }

        fn look(&self, page: u64) -> Look {
            let from = usize::try_from((page - 1) * ROWS_PER_PAGE).expect("a page");
            let rows: Vec<u64> = self.0.iter().copied().skip(from).take(100).collect();
            let total = self.0.len() as u64;
            Look {
                page,
                ends: rows.first().zip(rows.last()).map(|(least, greatest)| (id(*least), id(*greatest))),
                total: Some(total),
                is_last: page * ROWS_PER_PAGE >= total,
            }
        }

        fn shows(&self, page: u64, source: u64) -> bool {
            let from = usize::try_from((page - 1) * ROWS_PER_PAGE).expect("a page");
            self.0.iter().skip(from).take(100).any(|id| *id == source)
        }

        /// Searches, with a change of the account after each request. Returns the pages read, and whether the last has
        /// the source.
        fn search_while(mut self, source: u64, first: u32, change: impl Fn(&mut Self, usize)) -> (Vec<u64>, bool) {
            let mut search = PageSearch::new(id(source), first);
            let mut looked = Vec::new();
            while let Some(page) = search.next() {
                looked.push(page);
                assert!(looked.len() < 100, "the search does not end");
                if self.shows(page, source) {
                    return (looked, true);
                }
                search.missed(self.look(page));
                change(&mut self, looked.len());
            }
            (looked, false)
        }

        fn search(self, source: u64, first: u32) -> (Vec<u64>, bool) {
            self.search_while(source, first, |_, _| ())
        }
    }

    #[test]
    fn evenly_spread_sources_are_found_at_the_second_look() {
        assert_eq!(Account::spread(250).search(100_000 + 230 * 37, 1), (vec![1, 3], true));
        assert_eq!(Account::spread(1_000).search(100_000 + 777 * 37, 1), (vec![1, 8], true));
    }

    #[test]
    fn where_it_was_found_it_is_found_again_at_once() {
        assert_eq!(Account::spread(1_000).search(100_000 + 777 * 37, 8), (vec![8], true));
    }

    #[test]
    fn one_look_at_the_right_page_proves_that_a_source_is_not_listed() {
        assert_eq!(Account::spread(1_000).search(100_000 + 777 * 37 + 1, 8), (vec![8], false));
        assert_eq!(Account::spread(1_000).search(5, 1), (vec![1], false));
        assert_eq!(Account::spread(1_000).search(999_999, 10), (vec![10], false));
        assert_eq!(Account(Vec::new()).search(5, 1), (vec![1], false));
    }

    #[test]
    fn between_two_pages_both_are_looked_at() {
        assert_eq!(Account::spread(300).search(100_000 + 100 * 37 + 1, 1), (vec![1, 2], false));
    }

    #[test]
    fn a_row_that_moves_to_the_page_before_is_still_found() {
        let first_of_page_2 = 100_000 + 101 * 37;
        let forget_a_source = |account: &mut Account, looks| {
            if looks == 1 {
                account.0.remove(0);
            }
        };
        assert_eq!(Account::spread(300).search_while(first_of_page_2, 1, forget_a_source), (vec![1, 2, 1], true));
    }

    #[test]
    fn a_row_that_moves_to_the_page_after_is_still_found() {
        let last_of_page_2 = 100_000 + 200 * 37;
        let add_a_source = |account: &mut Account, looks| {
            if looks == 1 {
                account.0.insert(0, 1);
            }
        };
        assert_eq!(Account::spread(300).search_while(last_of_page_2, 3, add_a_source), (vec![3, 2, 3], true));
    }

    #[test]
    fn a_page_that_vanished_is_no_error() {
        assert_eq!(Account::spread(100).search(100_000 + 50 * 37, 4), (vec![4, 1], true));
    }

    #[test]
    fn without_a_total_the_list_is_walked_until_its_last_page() {
        let mut search = PageSearch::new(id(900), 1);
        for page in 1..=4 {
            assert_eq!(search.next(), Some(page));
            search.missed(Look {
                page,
                ends: Some((id(page * 100), id(page * 100 + 99))),
                total: None,
                is_last: page == 4,
            });
        }
        assert_eq!(search.next(), None);
    }

    /// A page, its ends and its total.
    type Seen = (u64, Option<(u64, u64)>, Option<u64>);

    /// The next page of a search for source 500 after these pages.
    fn after_looks(looks: &[Seen]) -> Option<u64> {
        let mut search = PageSearch::new(id(500), 1);
        for (page, ends, total) in looks.iter().copied() {
            let ends = ends.map(|(least, greatest)| (id(least), id(greatest)));
            search.missed(Look { page, ends, total, is_last: false });
        }
        search.next()
    }

    #[test]
    fn the_next_look_is_where_evenly_spread_ids_have_the_source() {
        // From the page before it or after it, nine ids a page; and between the two.
        let (before, after) = (Some((301, 310)), Some((701, 710)));
        assert_eq!(after_looks(&[(31, before, Some(10_000))]), Some(53));
        assert_eq!(after_looks(&[(71, after, Some(10_000))]), Some(48));
        assert_eq!(after_looks(&[(31, before, Some(10_000)), (64, after, Some(10_000))]), Some(47));
        assert_eq!(after_looks(&[(31, before, Some(10_000)), (64, Some((2_000, 2_010)), Some(10_000))]), Some(35));
    }

    #[test]
    fn a_guess_leaves_no_more_on_either_side_than_halving_can_search_in_the_looks_that_it_takes_itself() {
        // Of 14 unseen pages between 1 and 16, halving takes 4 looks: 3 of them search 7.
        for (greatest, least, page) in [(499, 90_000, 8), (1, 501, 9)] {
            let looks = [(1, Some((1, greatest)), Some(2_000)), (16, Some((least, 90_000)), Some(2_000))];
            assert_eq!(after_looks(&looks), Some(page));
        }
        // Of 15 pages too, which leaves no choice.
        for (greatest, least) in [(499, 90_000), (1, 501)] {
            let looks = [(1, Some((1, greatest)), Some(2_000)), (17, Some((least, 90_000)), Some(2_000))];
            assert_eq!(after_looks(&looks), Some(9));
        }
    }

    #[test]
    fn a_page_with_one_row_sends_the_search_as_far_as_it_may_go() {
        assert_eq!(after_looks(&[(1, Some((400, 400)), Some(1_500))]), Some(9));
        assert_eq!(after_looks(&[(16, Some((600, 600)), Some(1_600))]), Some(8));
    }

    #[test]
    fn where_no_page_shows_ids_the_search_halves() {
        assert_eq!(after_looks(&[(16, None, None)]), Some(1));
        assert_eq!(after_looks(&[(16, None, Some(1_600))]), Some(8));
        assert_eq!(after_looks(&[(16, None, Some(1_600)), (8, None, Some(1_600))]), Some(4));
    }

    #[test]
    fn a_page_that_spans_the_source_without_a_row_of_it_ends_the_search() {
        for ends in [(400, 600), (500, 600), (400, 500), (500, 500)] {
            assert_eq!(after_looks(&[(2, Some(ends), Some(1_000))]), None, "{ends:?}");
        }
    }

    #[test]
    fn no_more_than_twelve_pages_are_looked_at() {
        let walked: Vec<_> = (1..=12).map(|page| (page, Some((page, page)), None)).collect();
        assert_eq!(after_looks(&walked[..11]), Some(12));
        assert_eq!(after_looks(&walked), None);
    }

    #[test]
    fn of_two_looks_at_one_page_the_later_counts() {
        let (before, after) = (Some((400, 450)), Some((550, 600)));
        // The list changed between pages 1 and 2, so page 1 is read again: now it is after the source, too, or empty.
        for again in [after, None] {
            assert_eq!(after_looks(&[(1, before, Some(300)), (2, after, Some(301)), (1, again, Some(302))]), None);
        }
        // The same from the other side: page 2 is before the source now, and page 3 is not seen.
        let looks = [(2, after, Some(300)), (1, before, Some(301)), (2, before, Some(300))];
        assert_eq!(after_looks(&looks[..2]), Some(2));
        assert_eq!(after_looks(&looks), Some(3));
    }

    #[test]
    fn a_total_that_leaves_no_room_for_the_page_seen_ends_the_search() {
        assert_eq!(after_looks(&[(5, Some((300, 400)), Some(300))]), None);
    }

    #[test]
    fn a_page_that_is_gone_is_past_the_end_of_the_list() {
        let mut search = PageSearch::new(id(500), 9);
        search.gone(9);
        assert_eq!(search.next(), Some(4));
        search.missed(Look { page: 4, ends: Some((id(400), id(450))), total: None, is_last: true });
        assert_eq!(search.next(), None);
    }

    proptest! {
        #[test]
        fn in_any_account_a_listed_source_is_found_in_as_few_looks_as_halving_takes(
            gaps in prop::collection::vec(1_u64..1_000_000, 1..1_000),
            chosen in any::<prop::sample::Index>(),
        ) {
            let ids: Vec<u64> = gaps.iter().scan(0, |id, gap| { *id += gap; Some(*id) }).collect();
            let source = *chosen.get(&ids);
            let (looked, found) = Account(ids).search(source, 1);
            prop_assert!(found);
            prop_assert!(looked.len() <= 5, "{looked:?}");
        }

        #[test]
        fn whatever_pages_show_a_search_ends(
            first in 0_u32..20,
            shown in prop::collection::vec((1_u64..50, 1_u64..50, prop::option::of(0_u64..2_000), any::<bool>()), 20),
        ) {
            let mut search = PageSearch::new(id(25), first);
            let mut looks = 0;
            for (least, greatest, total, is_last) in shown {
                let Some(page) = search.next() else { break };
                looks += 1;
                search.missed(Look { page, ends: (least <= greatest).then(|| (id(least), id(greatest))), total, is_last });
            }
            prop_assert!(looks <= MOST_LOOKS);
        }
    }
}
