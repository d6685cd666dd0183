"""luthier resume: continue where a run or a study stopped."""

from typing import Annotated, Any

import typer

from luthier.cli.options import DataDir, Device, Json, Log, Quiet, RunPath, take_options
from luthier.cli.output import find_page, print_result, print_run, print_study, write_page
from luthier.core.console import print_stderr
from luthier.core.options import PoolOptions


@take_options(PoolOptions, before="data_dir", leave_out=("threads",))
def resume(
    run: RunPath,
    epochs: Annotated[int | None, typer.Option(help="Train to this many epochs: a new recipe with a new hash.")] = None,
    data_dir: DataDir = None,
    device: Device = "auto",
    log: Log = None,
    quiet: Quiet = False,
    json: Json = False,
    **pool: Any,
) -> None:
    """Go on where a run or study stopped.

    From the last good checkpoint of a run, or with the unfinished runs of a study. Of what is finished the page is
    written where it is missing.

    Example: luthier resume runs/20260101-120000-digits-lenet5
    """

    from luthier import api
    from luthier.core.errors import BadInput
    from luthier.run import Run
    from luthier.study import STUDY_FILE, read_kind
    from luthier.study.tune import KIND, resume_tune

    if (run / STUDY_FILE).is_file():
        if epochs is not None:
            raise BadInput(f"--epochs goes with a run, but {run} is a study; start a new one: luthier train --seeds")
        if read_kind(run) == KIND:
            if log:
                raise BadInput(f"--log goes with a run, but {run} is a tuning study, which logs nothing; leave it out")
            print_result(resume_tune(run, device=device, data_dir=data_dir, quiet=quiet, **pool), json)
            return
        study = api.resume_study(run, device=device, data_dir=data_dir, quiet=quiet, log=log or (), **pool)
        print_study(study, json, lambda: write_page(run, data_dir))
        return
    if pool["workers"] is not None:
        raise BadInput(f"--workers goes with a study, but {run} is a run; leave it out")
    opened = Run(run)
    done = api.is_complete(opened, epochs)
    page = find_page(run) if done else None
    if done:
        what = "nothing was done" if page else "its page is missing or older than its result, and is written anew"
        print_stderr(f"luthier: {run} is finished already; {what}")
    before = opened.recipe.hash()
    gone_on = api.resume(run, epochs=epochs, device=device, data_dir=data_dir, quiet=quiet, log=log or ())
    if gone_on.recipe.hash() != before:
        print_stderr(f"luthier: a new recipe: {before[:12]} became {gone_on.recipe.hash()[:12]}")
    print_run(gone_on, json, lambda: page or write_page(run, data_dir))
