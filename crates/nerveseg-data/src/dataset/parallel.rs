//! Work on many cases at once, in order, stopping at the first error.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// Called with the number of cases done so far, from many threads; `&|_| {}` to not care.
pub type Progress<'a> = &'a (dyn Fn(usize) + Sync);

/// Maps all items in parallel; the error returned is that of the first failing item, whatever
/// thread met it first.
pub(crate) fn try_map<T: Sync, R: Send, E: Send>(
    items: &[T],
    map: impl Fn(&T) -> Result<R, E> + Sync,
    progress: Progress<'_>,
) -> Result<Vec<R>, E> {
    let done = AtomicUsize::new(0);
    let first_failure = AtomicUsize::new(usize::MAX);
    let results: Vec<Option<Result<R, E>>> = items
        .par_iter()
        .enumerate()
        .map(|(index, item)| {
            if index > first_failure.load(Ordering::Relaxed) {
                return None;
            }
            let result = map(item);
            if result.is_err() {
                first_failure.fetch_min(index, Ordering::Relaxed);
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            Some(result)
        })
        .collect();
    // items are skipped only behind a failure, so the failure comes first
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_every_item_is_counted() {
        let items: Vec<usize> = (0..1000).collect();
        let most = AtomicUsize::new(0);

        let squares = try_map(&items, |&i| Ok::<_, ()>(i * i), &|done| {
            most.fetch_max(done, Ordering::Relaxed);
        });

        assert_eq!(squares, Ok(items.iter().map(|i| i * i).collect()));
        assert_eq!(most.into_inner(), 1000);
    }

    #[test]
    fn the_first_failing_item_is_reported() {
        let items: Vec<usize> = (0..1000).collect();

        let result = try_map(
            &items,
            |&i| if i % 300 == 299 { Err(i) } else { Ok(()) },
            &|_| {},
        );

        assert_eq!(result, Err(299));
    }
}
