# Vanthu. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv/bin
TEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset setup setup-dev test suite check bench lock

help: ## Liệt kê các lệnh
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: setup ## Chạy thử: trục liên thông và hai hệ thống cơ quan trên máy này (Ctrl-C để dừng)
	@$(VENV)/vanthu demo

demo-reset: setup ## Xóa dữ liệu chạy thử
	@$(VENV)/vanthu demo --reset

setup: ## Cài mọi thứ cần để chạy
	@$(PYTHON) tools/bootstrap.py
	@$(VENV)/vanthu build

setup-dev: ## Cài thêm mọi thứ cần để kiểm thử
	@$(PYTHON) tools/bootstrap.py --dev
	@$(VENV)/vanthu build

test: setup-dev ## Kiểm tra mã nguồn và chạy toàn bộ kiểm thử
	@$(MAKE) --no-print-directory -j2 suite check

suite:
	$(VENV)/pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder --durations=15

check: ## Kiểm tra mã nguồn, kiểu và ranh giới giữa các phòng
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports --no-cache
	$(VENV)/vanthu messages --check

bench: setup-dev ## Đo hiệu năng; kết quả ở bench/results
	$(VENV)/python -m bench

lock: ## Ghim lại phiên bản các gói Python
	$(VENV)/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 -q pyproject.toml -o requirements.txt
	$(VENV)/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 -q pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
