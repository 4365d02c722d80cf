"""What every finding means that is no lint rule's, for reports and the documentation.

The code is the anchor of its page; a test holds this list and the code together.
"""

from __future__ import annotations

from typing import Final

MEANINGS: Final[dict[str, str]] = {
    "agent.hung": "The scripted agent did not come to an end in its time.",
    "agent.network-refused": (
        "The scripted agent tried to reach the real network; `network: real` beside it lets it out."
    ),
    "agent.printed": "The scripted agent printed; what it has to say belongs into `session.say`.",
    "agent.raised": "The scripted agent raised an exception; the run failed there.",
    "attestation.changed": "A file is not, byte for byte, what the gate tested.",
    "attestation.failed": "The statement itself says that the gate was closed.",
    "attestation.missing": "A file that was tested is gone.",
    "attestation.untested": "A file is there that the gate never saw.",
    "budget.spent": "The spending limit was reached; the model is asked nothing more.",
    "call.unexpected": (
        "A call that neither the world nor a recording answers; refused, with the nearest ones."
    ),
    "call.unanswered": (
        "The agent's stream shows a call of a connector that no server of the harness answered; it does not"
        " count."
    ),
    "call.unplayed": "A recorded interaction that no call asked for.",
    "cassette.bypassed": "A client opened a socket past the cassette; sockets are denied while replaying.",
    "cassette.unplayed": "An interaction of a cassette that nobody asked for.",
    "command.opaque": (
        "A program ran that cannot be read, such as `make`: a warning for each program and case, with how"
        " often it ran. `forbid: [command.opaque]` makes it an error."
    ),
    "command.undecided": (
        "A command whose words are known only when it runs may do anything: an error, once for each case."
        " An `allow` of it with `where: {command: …}` takes it back."
    ),
    "command.unknown": "A command of `gh` that the shim does not know; refused.",
    "connector.not-granted": "A call to a connector that the routine does not grant.",
    "connector.not-intercepted": (
        "The routine grants a connector that nothing can intercept; it is refused before it runs."
    ),
    "connector.offers-nothing": (
        "A granted connector was connected and listed no tool, so that the run could not have used it."
    ),
    "context.acted-early": (
        "Before its context came the run acted outward, and what it did is wrong for that context: another"
        " target than the event's, what the case expects never, or what it does not do with its context."
    ),
    "context.acted-twice": (
        "The run acted before its context came, and did the same again after it; with its context in the"
        " first turn it does it once."
    ),
    "context.failed": (
        "With its context later, or never, the run ended badly, where with it in the first turn it ends"
        " well. A warning: nothing was done wrong."
    ),
    "command.idle": (
        "A pattern of `commands:` that no command of either run fits: it is misspelt, or nobody asks any"
        " more. A warning."
    ),
    "context.not-awaited": (
        "The first turn ended, and what the run does with its context did not follow. A warning that names"
        " the captures in which a context came later, and those in which it came together with the prompt."
    ),
    "context.undecided": (
        "The run acted before its context came, where and as it does with it; nobody can tell whether it is"
        " right. A warning."
    ),
    "doctor.bad-entry": "An entry of the MCP configuration is no server: no command, no url, or no mapping.",
    "doctor.argument-required": (
        "A server now requires an argument that a recorded call, or the model, lacks."
    ),
    "doctor.auth-refused": "A configured server refuses us: its authorisation has lapsed.",
    "doctor.call-refused": "The arguments of a recorded call no longer fit the server's schema.",
    "doctor.credential-malformed": (
        "What is set as the credential of live runs cannot be one, or lacks what belongs to it."
    ),
    "doctor.result-changed": "A recorded result has another shape than what the server answers now.",
    "doctor.server-down": "A configured server does not start or does not answer.",
    "doctor.tool-gone": "A tool that a recording calls, or the model has, is not listed any more.",
    "doctor.type-missing": "A server of the configuration has a url without a type; Claude Code skips it.",
    "egress.denied": "A request was blocked by the environment's network level.",
    "egress.unanswered": (
        "A request that the network level lets through and for which the world holds no answer."
    ),
    "expect.budget": "The run took more turns, calls, tokens or seconds than the case allows.",
    "expect.calls": "The tool calls are not those that the case expects.",
    "expect.nothing": "The case asks for a run without effects, and there were some.",
    "expect.says": "The closing message is not what the case expects.",
    "expect.world": "The tables of the world changed otherwise than the case lists.",
    "expect.ticket": (
        "The tickets are not what the case expects; `expect.message`, `expect.comment` and so on likewise."
    ),
    "fault.idle": "A fault of the case befell no call, so that nothing went wrong where it should have.",
    "fires.depends-on-setting": "Whether it fires hangs on a point that the platform does not document.",
    "fires.rerun-skipped": "The event of `rerun` fires no trigger, so that a second run would never come.",
    "fires.skipped": "The event does not fire the routine, and the case expects it to.",
    "fires.undecided": "The event does not carry a field that a filter asks for.",
    "fires.unexpected": "The event fires the routine, and the case expects that it does not.",
    "gate.attempts": "Too few attempts under the same digests passed.",
    "gate.case-expected-to-fail": "A case is marked `xfail`; what is expected to fail is never open.",
    "gate.case-failed": "A case that speaks for the trigger failed.",
    "gate.case-skipped": "A case that speaks for the trigger is skipped.",
    "gate.case-undecided": "A check of a case was skipped for lack of evidence, such as a second run.",
    "gate.context": (
        "A case does not stand, or was not run, under a placement of its context that the policy demands."
    ),
    "gate.exception-expired": (
        "An exception of the policy has passed its day; its owner renews it or the cause is mended."
    ),
    "gate.no-case": "Fewer cases speak for the trigger than the policy demands.",
    "gate.no-live-recording": "Fewer recordings of the real agent than the policy demands.",
    "gate.not-recorded": "A case has no recording to replay.",
    "gate.recording-old": "A recording is older than the policy allows.",
    "gate.stale": "A recording was made for other files than today's; the command that renews it is named.",
    "gate.unconfirmed": (
        "Nobody has confirmed that a script does what the prompt of today says; `routine-harness confirm`, or"
        " a recording of the real agent in its place."
    ),
    "github.unmodelled": (
        "A request of GitHub's API stands for no operation that the simulated GitHub knows; it was answered"
        " with 404, as GitHub answers an unknown path."
    ),
    "guard.absent": "The repository holds no guard.",
    "guard.disarmed": "Settings of the repository switch all hooks off, the guard's among them.",
    "guard.none": (
        "A routine with several repositories has no guard: hooks run in single-repository sessions."
    ),
    "guard.not-hooked": "The guard's hooks are not in the repository's settings.",
    "guard.own-file": "A call would change a file of the guard's own, or the settings that start it.",
    "guard.stale": "The guard does not match the policy any more; install it anew.",
    "home.reached": "The run tried to reach the user's home.",
    "idempotency.did-not-look": (
        "The second run wrote nothing new, but did not look at what the first one left."
    ),
    "idempotency.duplicate": (
        "A record of the second run, or of the same run, is about the same matter as an earlier one."
    ),
    "idempotency.new-effect": "The second run did what the first one did not.",
    "idempotency.refused": "The second run tried something outward and was refused.",
    "idempotency.repeated-effect": "The second run changed the outside again.",
    "idempotency.reworked": (
        "The second run did more to a record of the first one than bring it up to date: with nothing new"
        " in the world it closed, reopened, emptied, replaced, re-stamped or appended to it, deleted or"
        " merged it, or pushed again; or it undid what others did in between, or forced a push over a"
        " branch that was there before."
    ),
    "idempotency.second-run-failed": "The second run ended badly.",
    "idempotency.updated-in-place": (
        "The second run brought a record of the first one up to date; the message names the fields, from"
        " what to what. A warning unless `strict`."
    ),
    "import.result-without-call": (
        "An imported session holds a result whose call is in another file; a resumed, forked or cut session."
    ),
    "noise.messages-per-run": (
        "More messages than the policy allows; `noise.tickets-per-run` and the others likewise."
    ),
    "permission.denied": "The real agent was denied a tool.",
    "plugin.absent": (
        "A plugin that the repository enables, and that a session installs by the rules of that date, was"
        " not there in the dry run."
    ),
    "platform.refused": (
        "A recorded call went through that the platform of the policy's edition refuses; the recorded "
        "answer stands."
    ),
    "platform.undecided": "Whether the call is carried out hangs on the team's own runner.",
    "policy.forbidden": (
        "The run tried what the policy forbids; an attempt counts, whether it came through or not."
    ),
    "policy.noted": (
        "The run tried what the default policy notes, such as running a workflow again: a warning, and an"
        " error under `strict`."
    ),
    "policy.undecided": (
        "What the run tried is known, and a field that a rule hangs on is known only when it runs; an"
        " `allow` of that effect takes it back."
    ),
    "push.malformed": (
        "A request to git's server that is no push: an object's id or a ref's name that is none, or a pack"
        " that lacks what it names. Nothing of it is taken."
    ),
    "push.refused": "A push was refused by the branch rule of the platform or by a ruleset.",
    "recording.absent": "There is no recording of this case.",
    "recording.diverged": "Today's world answers otherwise than it did when the recording was made.",
    "recording.exhausted": "The recording ends before the session does.",
    "recording.left-over": "The session ended and entries of the recording were not played.",
    "recording.stale": "The prompt, the grants or the case changed since the recording was made.",
    "repository.not-granted": "A call to a repository that the routine does not list.",
    "run.claims-unseen": (
        "The closing message claims what nothing shows: an id that the run was not given and neither read"
        " nor made, or more of something than it did, is an error; the wording alone is a warning."
    ),
    "run.did-not-look": "The run did nothing, and did not look either: no read succeeded, or one failed.",
    "run.did-nothing": "The run did nothing, and the case does not ask for that.",
    "run.failure-untold": (
        "A write failed, nothing made it good later, and neither the closing message nor a text tells of it."
    ),
    "run.retried-refusal": "The same call was refused three times with the same words.",
    "run.failed": "The session ended badly; `run.over-budget` and `run.interrupted` likewise.",
    "run.not-fired": "Nothing fired, so that nothing ran.",
    "sandbox.failed": "A part of the harness around a live run failed, and so the run was ended.",
    "sandbox.limit-exceeded": "A live run exceeded a limit of its sandbox.",
    "run.unmentioned-effect": (
        "The run changed a record that it did not make, and no expectation of the case mentions it."
    ),
    "schedule.dialect": "A cron expression uses what the platform is not known to accept.",
    "schedule.drift": "Stored as UTC, the schedule moves by the wall clock when clocks change.",
    "schedule.on-the-hour": "The schedule starts exactly on the hour, when runs may be late.",
    "schedule.too-often": "The schedule fires more often than the platform allows.",
    "script.unconfirmed": (
        "The prompt changed since the script was confirmed for it; the detail shows how. A warning: read the"
        " script again, then `routine-harness confirm`."
    ),
    "secret.committed": "A file that is committed holds what looks like a secret.",
    "secret.leaked": (
        "A secret left with an effect or a request: a value of a known kind or of a secret variable is an"
        " error; what only its name or its code gives away is a warning."
    ),
    "secret.not-scanned": "A file could not be scanned for secrets.",
    "snapshot.absent": "There is no snapshot of this case yet; `--routine-update` writes it.",
    "snapshot.changed": "The transcript is not what the snapshot holds.",
    "spec.bad-input": "A file cannot be read as what it should be; the exit code is 2.",
    "tool.not-offered": (
        "A call to a tool that the server has and a session is not offered, unless the routine asks for it."
    ),
    "tool.not-granted": "A call to a tool that the grant of its connector leaves out.",
    "trigger.bare-event": "A bare event name such as `pull_request` fires nothing.",
    "trigger.chain": "What one routine does fires another one.",
    "trigger.contradiction": "Two filters can never hold together; with the values that show it.",
    "trigger.dead-clause": "A filter decides nothing: no event's outcome changes without it.",
    "trigger.loop": "What a routine does fires itself, directly or through others.",
    "trigger.never-fires": "No event can fire the trigger.",
    "trigger.subset": "Whatever fires this trigger fires another one of the routine too.",
    "trigger.duplicate-clause": "Two filters ask the same: no event passes one of them and not the other.",
    "trigger.undecidable": "The events of the trigger do not carry a field that a filter reads.",
    "trigger.unknown-filter": "The platform's rules of that date have no such filter or operator.",
    "trigger.unproved": "Whether filters can hold together, or one decides anything, is not decided.",
    "trigger.unstable": "Renaming what no filter looks at changes the outcome.",
    "world.incomplete": (
        "The world knows the thing by its key alone; it was answered with an error, not with emptiness. Of a"
        " program that nobody runs, `commands:` says what it prints."
    ),
}
"""Code → what it means. Codes that are made from a name stand for their family."""

FAMILIES: Final = ("expect.", "noise.", "run.", "idempotency.", "recording.", "attestation.")
"""Areas in which codes are made from names: a noun, a limit, a status."""
