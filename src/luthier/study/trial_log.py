"""The trial log of a study: every trial, job and outcome, in an Optuna study that its dashboard opens as it is.

Nothing that was written is ever changed. An outcome counts from the moment its own record is there; what else is said
of it, such as the curve for the dashboard, stands before.
"""

from collections.abc import Mapping
from typing import Any

from optuna.exceptions import DuplicatedStudyError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from luthier.core.errors import DamagedFile
from luthier.core.shape import find_misfit, is_count, is_text
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import Outcome, Trial, TrialJob
from luthier.study.tune.trial_sampler import list_directions, list_distributions, list_objectives

ASKED, DONE, LOST, FIRST = "asked-", "done-", "lost-", "first"


class TrialLog:
    """Trials of one site in the storage of a study.

    name: of the Optuna study. site: who asks; several machines may share a study, each with a directory of its own.
    """

    def __init__(self, storage: BaseStorage, name: str, site: str, plan: Plan) -> None:
        self.storage, self.site, self.plan = storage, site, plan
        self.ids: dict[int, int] = {}
        try:
            self.study = storage.get_study_id_from_name(name)
        except KeyError:
            self.study = self._create(name)

    def _create(self, name: str) -> int:
        try:
            study = self.storage.create_new_study(list_directions(self.plan), name)
        except DuplicatedStudyError:  # another site was first
            return self.storage.get_study_id_from_name(name)
        self.storage.set_study_user_attr(study, "recipe_hash", self.plan.recipe.hash())
        self.storage.set_study_user_attr(study, "metric", self.plan.metric)
        self.storage.set_study_user_attr(study, FIRST, self.site)
        return study

    @property
    def salt(self) -> str:
        """What this site's seeds differ by from those of the site that began the study; nothing for that one."""
        return "" if self.storage.get_study_user_attrs(self.study).get(FIRST) == self.site else self.site

    def trials(self) -> list[Trial]:
        """Return what is known of this site's trials, in the order in which they were given."""
        own = {number: one for (site, number), one in self._records().items() if site == self.site}
        self.ids = {number: one._trial_id for number, one in own.items()}
        return [_read_trial(own[number]) for number in sorted(own)]

    def others(self) -> list[Trial]:
        """Return what is known of the trials of other sites."""
        return [_read_trial(one) for (site, _), one in self._records().items() if site != self.site]

    def _records(self) -> dict[tuple[str, int], FrozenTrial]:
        """Return the last record of each trial by site and number."""
        found = self.storage.get_all_trials(self.study, deepcopy=False)
        kept = [one for one in found if "site" in one.user_attrs]
        for one in kept:
            if find_misfit(one.user_attrs, RECORD):
                raise _refuse(one)
        return {(one.user_attrs["site"], one.user_attrs["number"]): one for one in kept}

    def add_job(self, trial: Trial, job: TrialJob) -> None:
        """Note that a job was given; the first one brings its trial, and so does the first after its end was told."""
        is_open = bool(trial.jobs) and not self.storage.get_trial(self.ids[trial.number]).state.is_finished()
        trial.jobs.append(job)
        if is_open:
            self.storage.set_trial_user_attr(self.ids[trial.number], f"{ASKED}{job.number}", job.epochs)
        else:
            self.ids[trial.number] = self.storage.create_new_trial(self.study, self._record(trial))

    def _record(self, trial: Trial) -> FrozenTrial:
        """Make a record of everything that is known of a trial, which stands for any record of it before."""
        about = {"site": self.site, "number": trial.number, "how": trial.how, "seed": trial.seed}
        jobs = {f"{ASKED}{job.number}": job.epochs for job in trial.jobs}
        outcomes = {f"{DONE}{number}": one.dump() for number, one in trial.outcomes.items()}
        return create_trial(
            state=TrialState.RUNNING,
            params=dict(trial.params),
            distributions=list_distributions(self.plan.space, trial.params),
            user_attrs={**about, **jobs, **outcomes},
            intermediate_values=dict(trial.last.scores) if trial.last else {},
        )

    def add_outcome(self, trial: Trial, job: TrialJob, outcome: Outcome) -> None:
        """Note what came of a job."""
        number, before = self.ids[trial.number], trial.last
        for epoch in outcome.scores.keys() - (before.scores if before else {}):
            self.storage.set_trial_intermediate_value(number, epoch, outcome.scores[epoch])
        self.storage.set_trial_user_attr(number, f"{DONE}{job.number}", outcome.dump())
        trial.outcomes[job.number] = outcome
        if outcome.ended != "paused":
            self.close(trial)

    def close(self, trial: Trial) -> None:
        """Tell Optuna that a trial has ended, where it does not know."""
        number = self.ids[trial.number]
        if self.storage.get_trial(number).state.is_finished() or trial.last is None:
            return
        state = {"finished": TrialState.COMPLETE, "failed": TrialState.FAIL}.get(trial.last.ended, TrialState.PRUNED)
        values = list_objectives(self.plan, trial, max(trial.outcomes) + 1)
        self.storage.set_trial_state_values(number, state, values if state == TrialState.COMPLETE else None)

    def count_lost(self, job: str) -> int:
        """Note that a worker died of a job; return how often that has happened to it."""
        count = int(self.notes().get(f"{LOST}{job}", 0)) + 1
        self.note(f"{LOST}{job}", count)
        return count

    def note(self, name: str, value: Any) -> None:
        """Keep a plain value of this site's, such as the outcome of a run after the search."""
        self.storage.set_study_user_attr(self.study, f"{self.site}-{name}", value)

    def notes(self) -> Mapping[str, Any]:
        """Return what `note` kept, by name."""
        start = f"{self.site}-"
        found = self.storage.get_study_user_attrs(self.study)
        return {name.removeprefix(start): value for name, value in found.items() if name.startswith(start)}


RECORD = {"site": is_text, "number": is_count, "how": is_text, "seed": is_count}
"""What each record says of its trial."""


def _refuse(frozen: FrozenTrial) -> DamagedFile:
    return DamagedFile(
        f"the trial log holds record {frozen.number}, which no search wrote; restore it, or start the study anew"
    )


def _read_trial(frozen: FrozenTrial) -> Trial:
    """Return the trial of a record; raise DamagedFile where the record is not as it was written."""
    try:
        return _trial(frozen)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise _refuse(frozen) from None


def _trial(frozen: FrozenTrial) -> Trial:
    kept = frozen.user_attrs
    number = kept["number"]
    jobs = [TrialJob(int(key.removeprefix(ASKED)), number, to) for key, to in kept.items() if key.startswith(ASKED)]
    outcomes = {int(key.removeprefix(DONE)): Outcome.of(one) for key, one in kept.items() if key.startswith(DONE)}
    ordered = sorted(jobs, key=lambda one: one.number)
    return Trial(number, frozen.params, kept["how"], kept["seed"], ordered, dict(sorted(outcomes.items())))
