"""Make the virtualenv that the Makefile works with, or bring it up to date.

    python3 .ci/venv.py .venv/.ready-for-run requirements.txt ...

Written so that an old Python can read it far enough to say that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys

VENV = ".venv"
PYTHON = os.path.join(VENV, "bin", "python")


def main(stamp, requirements):
    if sys.version_info < (3, 11):
        sys.exit(
            "Python 3.11 or newer is needed, and this is %d.%d (%s).\n"
            "Name another one, for example: make run PYTHON=python3.12"
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )
    import fcntl

    os.makedirs(".local", exist_ok=True)
    with open(os.path.join(".local", "venv.lock"), "w") as lock:
        # A second `make` in another shell waits here, and then finds the work done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = digest_of(requirements)
        if not (works() and read(stamp) == wanted):
            build(requirements)
        with open(stamp, "w") as file:
            file.write(wanted)


def build(requirements):
    # What an interrupted installation leaves may look complete to pip, so begin again.
    begin_again = not works() or os.path.exists(unfinished())
    if begin_again:
        shutil.rmtree(VENV, ignore_errors=True)
    os.makedirs(VENV, exist_ok=True)
    open(unfinished(), "w").close()
    if begin_again:
        print("Making the virtualenv in %s" % VENV, flush=True)
        run(sys.executable, "-m", "venv", VENV)
    print("Installing %s" % ", ".join(requirements), flush=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    files = [word for name in requirements for word in ("--requirement", name)]
    run(*pip, "--require-hashes", *files)
    os.remove(unfinished())


def works():
    """Whether the virtualenv has a Python and a pip that start."""
    command = [PYTHON, "-c", "import pip"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def run(*command):
    done = subprocess.run(command)
    if done.returncode != 0:
        sys.exit("The virtualenv could not be made; see above.")


def unfinished():
    return os.path.join(VENV, ".unfinished")


def digest_of(names):
    digest = hashlib.sha256()
    for name in names:
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
