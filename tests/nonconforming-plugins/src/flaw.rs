//! What is wrong with a plugin.

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// `describe` lists no parameters.
    HidesItsParameters,
    /// A field has no description.
    DescribesNothing,
    /// The descriptor changes with the time.
    ChangesItsMind,
    /// `describe` asks the network.
    CallsHomeToDescribe,
    /// Whatever is wrong with the input, it goes on.
    TakesAnyInput,
    /// Whatever the run, it goes on.
    TakesAnyRun,
    /// It refuses fields that it does not know.
    RefusesUnknownFields,
    /// It says that a failed job succeeded.
    SaysSucceeded,
    /// Its errors say nothing.
    HidesTheReason,
    /// It keeps the run in its memory.
    KeepsTheRunInMemory,
    /// A poll asks the tool to refresh the job.
    PollsByPosting,
    /// One call asks until the job has ended.
    AsksWithoutEnd,
    /// What it does not understand is a failed job.
    TakesSilenceForFailure,
    /// What was not answered is sent again.
    StartsTwice,
    /// The token is in the report.
    TellsTheToken,
    /// It sends the token in upper case.
    ChangesTheToken,
    /// It tells somebody else that it was called.
    CallsHome,
}
