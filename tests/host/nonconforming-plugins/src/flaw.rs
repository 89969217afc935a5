//! What is wrong with a plugin.

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// `describe` lists no parameters.
    HidesItsParameters,
    /// It describes its token as no secret.
    DescribesTheTokenAsPlain,
    /// A field has no description.
    DescribesNothing,
    /// The descriptor changes with the time.
    ChangesItsMind,
    /// `describe` asks the network.
    CallsHomeToDescribe,
    /// Whatever is wrong with the input, it goes on.
    TakesAnyInput,
    /// It settles a trigger without being told when that was.
    SettlesWithoutAnyAge,
    /// Of a token with a line break it takes what comes before.
    TakesATokenOfTwoLines,
    /// What it does where a field is left out is not what it says.
    MeansAnotherDefault,
    /// It refuses a call without a field that it does not require.
    NeedsAnOptionalField,
    /// Whatever the run, it goes on.
    TakesAnyRun,
    /// Its run is a bare number, which anybody could have written.
    WritesItsRunAsANumber,
    /// It refuses fields that it does not know.
    RefusesUnknownFields,
    /// It says that a failed job succeeded.
    SaysSucceeded,
    /// Its errors say nothing.
    HidesTheReason,
    /// Its errors say to set a field that it does not have.
    AdvisesAFieldThatItDoesNotHave,
    /// It stops a job before it looks whether that has ended.
    CancelsWithoutLooking,
    /// It crashes where a job failed.
    CrashesWhereAJobFailed,
    /// Its codes are in kebab-case.
    SpeaksInKebabCase,
    /// What it learned of the run by a poll it keeps in its memory.
    KeepsTheRunInMemory,
    /// A poll asks the tool to refresh the job.
    PollsByPosting,
    /// One call asks until the job has ended.
    AsksWithoutEnd,
    /// What it does not understand is a failed job.
    TakesSilenceForFailure,
    /// A job that shows no state is a failed one.
    TakesNoStateForFailure,
    /// A state that nobody documents is a failure.
    GuessesNewStates,
    /// A start of which no answer came may be sent again, it says.
    CallsALostStartUnavailable,
    /// No error of its says that a run may have been started.
    DeniesThatARunMayHaveStarted,
    /// Every error of its says that a run may have been started.
    FearsThatARunMayHaveStarted,
    /// What was not answered is sent again.
    StartsTwice,
    /// The token is in the report.
    TellsTheToken,
    /// The token is in the report, in base64.
    TellsTheTokenInBase64,
    /// The token is in its log.
    LogsTheToken,
    /// The token is in a URL.
    SendsTheTokenInAUrl,
    /// The token is in the run.
    KeepsTheTokenInItsRun,
    /// It sends the token in upper case.
    ChangesTheToken,
    /// It tells somebody else that it was called.
    CallsHome,
    /// Of runs that are polled together it answers all but the last.
    LosesARun,
    /// The results of runs that are polled together are in another order.
    MixesUpRuns,
    /// Where one of the runs that are polled together is refused, all are.
    LetsOneRunSpoilTheOthers,
    /// Whatever a run that is polled together with others, it goes on.
    TakesAnyRunTogether,
    /// It says that a failed job succeeded, where several are polled.
    SaysSucceededTogether,
    /// Its report is another one where runs are polled together.
    TellsAnotherReportTogether,
    /// It asks twice for each run that is polled together with others.
    AsksTooOftenTogether,
    /// Polled together with others, a run is looked up in a list.
    AsksOtherwiseTogether,
    /// Whatever is wrong with the input, it goes on where runs are polled together.
    TakesAnyInputTogether,
    /// It sends the token in upper case where runs are polled together.
    ChangesTheTokenTogether,
    /// Before it polls runs together, it asks the tool to refresh the jobs.
    PollsTogetherByPosting,
    /// What it does not understand is a failed job, where runs are polled together.
    TakesSilenceForFailureTogether,
    /// One call asks until the jobs have ended, where runs are polled together.
    AsksWithoutEndTogether,
    /// None, of a tool that answers a trigger with the end of the job.
    EndsAtOnce,
    /// None: its runs are JSON without a format, its requests have a key of their own, and it reads the log of a job that failed.
    HasWaysOfItsOwn,
}
