//! The dependency graph of tasks.

use std::collections::VecDeque;

/// A topological order of the tasks by index, otherwise in the given order. If there is none, the cycles: each task of
/// one comes after the next, and the last after the first.
pub(crate) fn order(after: &[Vec<usize>]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut awaited: Vec<usize> = after.iter().map(Vec::len).collect();
    let mut dependants = vec![Vec::new(); after.len()];
    for (task, before) in after.iter().enumerate() {
        for before in before {
            dependants[*before].push(task);
        }
    }
    let mut free: VecDeque<usize> = (0..after.len()).filter(|task| awaited[*task] == 0).collect();
    let mut order = Vec::with_capacity(after.len());
    while let Some(task) = free.pop_front() {
        order.push(task);
        for dependant in &dependants[task] {
            awaited[*dependant] -= 1;
            if awaited[*dependant] == 0 {
                free.push_back(*dependant);
            }
        }
    }
    if order.len() == after.len() { Ok(order) } else { Err(circles(after, &awaited)) }
}

/// The cycles among the tasks that can never start. Each comes after another such task, so following these from one to
/// the next leads into a cycle.
fn circles(after: &[Vec<usize>], awaited: &[usize]) -> Vec<Vec<usize>> {
    let blocking = |task: usize| after[task].iter().copied().find(|before| awaited[*before] > 0);
    let mut walks: Vec<Option<usize>> = vec![None; after.len()];
    let mut circles = Vec::new();
    for start in (0..after.len()).filter(|task| awaited[*task] > 0) {
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some(task) = next.filter(|task| walks[*task].is_none()) {
            walks[task] = Some(start);
            path.push(task);
            next = blocking(task);
        }
        // Unless this walk came here before, an earlier one did and has reported the cycle.
        if let Some(met) = next.filter(|met| walks[*met] == Some(start)) {
            circles.extend(path.iter().position(|task| *task == met).map(|from| path.split_off(from)));
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    fn order(after: &[&[usize]]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
        super::order(&after.iter().map(|before| before.to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn tasks_start_behind_those_that_they_come_after() {
        assert_eq!(order(&[]), Ok(vec![]));
        assert_eq!(order(&[&[], &[], &[]]), Ok(vec![0, 1, 2]));
        assert_eq!(order(&[&[2], &[], &[1], &[1, 0]]), Ok(vec![1, 2, 0, 3]));
    }

    #[test]
    fn a_circle_is_spelled_out_without_the_tasks_that_only_wait_for_it() {
        assert_eq!(order(&[&[0]]), Err(vec![vec![0]]));
        assert_eq!(order(&[&[1], &[2], &[1], &[]]), Err(vec![vec![1, 2]]));
    }

    #[test]
    fn several_circles_are_all_told() {
        assert_eq!(order(&[&[1], &[0], &[3], &[4], &[2], &[0, 2]]), Err(vec![vec![0, 1], vec![2, 3, 4]]));
    }

    #[test]
    fn a_long_chain_is_no_trouble() {
        let chain: Vec<Vec<usize>> =
            (0..100_000).map(|task: usize| task.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(super::order(&chain), Ok((0..100_000).collect()));
    }
}
