# 合规义务台账 / Compliance obligation tracker. Needs Python 3.11 or newer and make; everything else comes into .venv.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --no-input --disable-pip-version-check --progress-bar off --require-hashes
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run demo test lint bench bite torture clean

help:  ## 列出可用的命令 / list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: $(VENV)/installed  ## 启动系统，http://127.0.0.1:8000 / set up what is missing and serve
	$(PY) -m tracker

demo: $(VENV)/installed  ## 启动演示系统，另用一个数据目录 / serve a believable group in a database of its own
	$(PY) -m tracker demo

test: lint  ## 检查并运行全部测试 / lint, then every test
	@mkdir -p artefacts
	$(PY) -m pytest -n $(JOBS) --dist worksteal

lint: $(VENV)/installed-tests  ## 只做静态检查 / ruff and mypy only
	$(PY) -m ruff check tracker tests migrations
	$(PY) -m mypy tracker

bench: $(VENV)/installed-tests  ## 与裸实现比较用时 / ratios of processor time against bare implementations
	@for each in tests/bench/bench_*.py; do $(PY) -m tests.bench.$$(basename $$each .py) || exit 1; done

bite: $(VENV)/installed-tests  ## 逐个植入缺陷，看测试是否变红 / plant defects in a copy, one by one, and see which turn a test red
	$(PY) -m tests.bite.biting

torture: $(VENV)/installed-tests  ## 全部故障与压力试验，约需数小时 / every campaign of faults in full; takes hours
	@for each in tests/torture/[a-z]*.py; do $(PY) -m tests.torture.$$(basename $$each .py) || exit 1; done

clean:  ## 删除虚拟环境与测试产物，不动数据 / remove .venv and what tests left; data stays
	rm -rf $(VENV) artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamps are written last: an installation that broke off is done again.
$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '需要 Python 3.11 或更新的版本；可用 make PYTHON=/path/to/python3.11 指定。'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo '缺少 venv 模块；在 Debian、Ubuntu 上请先运行：apt-get install python3-venv'; exit 1; }
	@echo '正在准备运行环境（仅首次需要，约一两分钟）……'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-tests: $(VENV)/installed tests/requirements.txt
	@echo '正在准备测试环境……'
	@$(PIP) -r tests/requirements.txt
	@touch $@
