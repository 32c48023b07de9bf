"""What can go wrong with the embedded database, in words for the person who runs it."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class LocalDbError(VanthuError):
    """Base of the errors of the embedded database."""

    code = "LOCALDB_ERROR"
    message = "Cơ sở dữ liệu nhúng gặp lỗi: {reason}"
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


class StartFailed(LocalDbError):
    """The server did not become ready."""

    code = "LOCALDB_START_FAILED"
    message = "Không khởi động được cơ sở dữ liệu nhúng tại {folder}: {reason} (xem tệp {log})"


class DiskFull(LocalDbError):
    """The disk under the data folder is full."""

    code = "LOCALDB_DISK_FULL"
    message = "Ổ đĩa chứa {folder} đã đầy; giải phóng dung lượng rồi chạy lại."


class FolderBelongsToAnother(LocalDbError):
    """The data folder belongs to another user of this machine."""

    code = "LOCALDB_FOLDER_OF_ANOTHER"
    message = (
        "Thư mục {folder} thuộc về người dùng {owner}; hãy chạy bằng người dùng đó hoặc chọn thư mục khác."
    )


class OtherVersion(LocalDbError):
    """The data folder was made by another major version of PostgreSQL."""

    code = "LOCALDB_OTHER_VERSION"
    message = (
        "Dữ liệu tại {folder} do PostgreSQL {found} tạo ra, chương trình này dùng PostgreSQL {wanted}; "
        "xuất dữ liệu bằng pg_dump của bản cũ rồi nạp vào thư mục mới."
    )


class NoOrdinaryUser(LocalDbError):
    """PostgreSQL refuses to run as root and there is no ordinary account to use."""

    code = "LOCALDB_NO_ORDINARY_USER"
    message = (
        "PostgreSQL không chạy bằng quyền root và không tạo được tài khoản {name}: {reason}. "
        "Hãy chạy bằng một người dùng thường."
    )
