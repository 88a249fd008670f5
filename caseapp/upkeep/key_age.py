"""What about the keys deserves a word of warning? A pure function of how they stand and what day it is."""

from datetime import datetime

from caseapp.keyholder import KeyStanding

MASTER_KEY_DAYS = 365


def key_age_warnings(standing: KeyStanding, now: datetime, *, master_key_days: int = MASTER_KEY_DAYS) -> tuple[str, ...]:
    """One English sentence for each thing that lingers or has grown old; empty if all is well.

    `master_key_days`: after so many whole days a version of the master key counts as old.
    """
    warnings = []
    for version in standing.versions:
        if not version.is_current:
            uses = version.purpose_keys + version.case_keys + version.earlier_case_keys
            warnings.append(
                f"Version {version.version} of the master key is still there ({uses} keys are wrapped by it): "
                "finish the rotation with flask --app wsgi keys rotate --master."
            )
        elif version.made_at is not None and (days := (now - version.made_at).days) > master_key_days:
            warnings.append(
                f"The master key is {days} days old, more than the {master_key_days} of CASEAPP_MASTER_KEY_DAYS: "
                "make a new version with flask --app wsgi keys rotate --master."
            )
    if standing.rotation_since is not None:
        warnings.append(
            f"New keys for the cases were begun on {standing.rotation_since:%Y-%m-%d} and are not finished: "
            "go on with flask --app wsgi keys rotate --cases."
        )
    if standing.cases_with_earlier_keys and standing.rotation_since is None:
        warnings.append(
            f"{standing.cases_with_earlier_keys} cases keep an earlier key, because damaged rows may be sealed under it: "
            "see flask --app wsgi audit verify, and rotate again when they are mended."
        )
    return tuple(warnings)
