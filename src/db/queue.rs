//! The queue of work for the threads of a pool. The worker that worked last is asked first: its connection has its statements
//! prepared and its pages at hand, and connections that a quiet hour does not need are never opened.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError, Weak},
};

use crossbeam_channel::{Sender, bounded};

use super::pool::Job;

/// What waits for a worker, and the workers that wait for something to do; one of the two is always empty.
pub struct Queue {
    state: Mutex<State>,
    most: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Box<dyn Job>>,
    idle: Vec<Sender<Box<dyn Job>>>,
}

impl Queue {
    /// A queue in which at most `most` jobs wait.
    pub fn new(most: usize) -> Self {
        Self { state: Mutex::default(), most }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a job to the worker that has been idle for the shortest time, or has it wait; `false` where too many wait.
    pub fn put(&self, mut job: Box<dyn Job>) -> bool {
        let mut state = self.state();
        while let Some(worker) = state.idle.pop() {
            match worker.send(job) {
                Ok(()) => return true,
                Err(unsent) => job = unsent.into_inner(),
            }
        }
        let there_is_room = state.waiting.len() < self.most;
        if there_is_room {
            state.waiting.push_back(job);
        }
        there_is_room
    }

    /// The job that has waited longest; `None` where none waits.
    pub fn at_once(&self) -> Option<Box<dyn Job>> {
        self.state().waiting.pop_front()
    }
}

/// The job that has waited longest, or else the next to come; `None` once the pool is gone, and with it everybody who waits for an
/// answer.
pub fn next(queue: &Weak<Queue>) -> Option<Box<dyn Job>> {
    let (worker, job) = bounded(1);
    {
        let queue = queue.upgrade()?;
        let mut state = queue.state();
        if let Some(job) = state.waiting.pop_front() {
            return Some(job);
        }
        state.idle.push(worker);
    }
    job.recv().ok()
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread, time::Duration};

    use super::*;
    use crate::{
        db::{Conn, pool::Health},
        error::ApiError,
    };

    /// Sends its number when it is answered.
    struct Numbered(usize, Sender<usize>);

    impl Job for Numbered {
        fn is_awaited(&self) -> bool {
            true
        }

        fn run(&mut self, _: &mut Conn) -> Health {
            Health::Sound
        }

        fn is_kept(&self) -> bool {
            false
        }

        fn answer(self: Box<Self>, _: Result<(), ApiError>) {
            self.1.send(self.0).expect("somebody listens");
        }
    }

    #[test]
    fn jobs_are_taken_in_their_order_and_no_more_than_fit() {
        let (done, numbers) = bounded(8);
        let queue = Arc::new(Queue::new(3));
        let put: Vec<bool> = (0..4).map(|number| queue.put(Box::new(Numbered(number, done.clone())))).collect();
        assert_eq!(put, [true, true, true, false]);
        let weak = Arc::downgrade(&queue);
        next(&weak).expect("a job").answer(Ok(()));
        queue.at_once().expect("a job").answer(Ok(()));
        next(&weak).expect("a job").answer(Ok(()));
        assert!(queue.at_once().is_none());
        assert_eq!(numbers.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn who_worked_last_works_next_and_all_end_with_the_queue() {
        let (done, numbers) = bounded(8);
        let queue = Arc::new(Queue::new(3));
        let (told, workers) = bounded(8);
        let threads: Vec<_> = (0..3)
            .map(|worker| {
                let (jobs, told) = (Arc::downgrade(&queue), told.clone());
                let thread = thread::spawn(move || {
                    while let Some(job) = next(&jobs) {
                        told.send(worker).expect("somebody listens");
                        job.answer(Ok(()));
                    }
                });
                // Until the worker is idle, before the next one starts.
                while queue.state().idle.len() <= worker {
                    thread::yield_now();
                }
                thread
            })
            .collect();
        for number in 0..4 {
            assert!(queue.put(Box::new(Numbered(number, done.clone()))));
            assert_eq!(numbers.recv_timeout(Duration::from_secs(5)), Ok(number));
            // Until the worker is idle again.
            while queue.state().idle.len() < 3 {
                thread::yield_now();
            }
        }
        drop(queue);
        for thread in threads {
            thread.join().expect("it ends");
        }
        assert_eq!(workers.try_iter().collect::<Vec<_>>(), [2, 2, 2, 2]);
    }
}
