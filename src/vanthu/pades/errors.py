"""The refusals of the signing library, each with its stable code and a sentence for the person who must
act."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class PadesError(VanthuError):
    """Base of all refusals of this library."""

    code = "PADES_ERROR"
    message = "Không thực hiện được thao tác ký số trên tệp PDF."


class PdfNotPdf(PadesError):
    code = "PDF_NOT_PDF"
    message = "Tệp không phải là PDF. Hãy chuyển văn bản sang PDF rồi tải lên lại."


class PdfEncrypted(PadesError):
    code = "PDF_ENCRYPTED"
    message = "Tệp PDF đặt mật khẩu hoặc bị mã hoá. Hãy bỏ mật khẩu rồi tải lên lại."


class PdfDamaged(PadesError):
    code = "PDF_DAMAGED"
    message = "Tệp PDF bị hỏng, không đọc được. Hãy xuất lại tệp từ bản gốc."


class PdfEmpty(PadesError):
    code = "PDF_EMPTY"
    message = "Tệp PDF không có trang nào."


class PdfAlreadySigned(PadesError):
    code = "PDF_ALREADY_SIGNED"
    message = "Tệp PDF đã có chữ ký số. Hãy dùng tệp gốc chưa ký để trình ký."


class PdfActiveContent(PadesError):
    code = "PDF_ACTIVE_CONTENT"
    message = (
        "Tệp PDF chứa mã thực thi hoặc biểu mẫu động ({found}), không được dùng để ký. Hãy in lại ra PDF."
    )


class PdfPageRotated(PadesError):
    code = "PDF_PAGE_ROTATED"
    message = "Trang {page} bị xoay nên không đặt được số và ngày. Hãy xuất lại PDF với trang thẳng đứng."


class PlaceOutsidePage(PadesError):
    code = "PLACE_OUTSIDE_PAGE"
    message = "Vị trí đặt {what} nằm ngoài trang {page} của văn bản. Hãy đặt lại vị trí."


class FieldMissing(PadesError):
    code = "FIELD_MISSING"
    message = "Tệp PDF không có ô chữ ký “{field}”. Hãy trình ký lại từ tệp gốc."


class FieldAlreadySigned(PadesError):
    code = "FIELD_ALREADY_SIGNED"
    message = "Ô chữ ký “{field}” đã được ký."


class AlreadySealed(PadesError):
    code = "ALREADY_SEALED"
    message = "Văn bản đã có chữ ký số của cơ quan, không được thay đổi nữa."
    must_act = MustAct.CLERK


class SealWithoutCompetentSignature(PadesError):
    code = "SEAL_WITHOUT_COMPETENT_SIGNATURE"
    message = "Văn bản chưa có chữ ký số của người có thẩm quyền nên chưa được ký số của cơ quan."
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 Đ33"


class SignatureBroken(PadesError):
    code = "SIGNATURE_BROKEN"
    message = "Chữ ký số của {signer} không còn hợp lệ: {why}. Hãy trình ký lại từ tệp gốc."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ33"


class ImageRefused(PadesError):
    code = "IMAGE_REFUSED"
    message = "Hình ảnh chữ ký hoặc con dấu phải là tệp PNG, không quá 4 triệu điểm ảnh."
    rule = "NĐ 30/2020 PL I.II.7d, 8a"


class TextNotDrawable(PadesError):
    code = "TEXT_NOT_DRAWABLE"
    message = "Phông chữ không có ký tự “{letters}”."
    must_act = MustAct.ADMINISTRATOR


class KeyProblem(PadesError):
    """Base of the refusals about a key or its certificate."""

    code = "KEY_PROBLEM"
    message = "Không dùng được khóa ký."


class WrongPassphrase(KeyProblem):
    code = "KEY_WRONG_PASSPHRASE"
    message = "Mật khẩu của khóa ký không đúng."


class KeyDamaged(KeyProblem):
    code = "KEY_DAMAGED"
    message = "Tệp khóa ký bị hỏng hoặc không có khóa bí mật và chứng thư số."


class KeyTooWeak(KeyProblem):
    code = "KEY_TOO_WEAK"
    message = "Khoá ký quá ngắn: cần RSA từ 2048 bit hoặc ECDSA từ 256 bit."
    rule = "TT 15/2025/TT-BKHCN PL I"


class DigestTooWeak(PadesError):
    code = "DIGEST_TOO_WEAK"
    message = "Hàm băm {name} không còn được dùng để ký, chỉ để kiểm tra chữ ký cũ. Hãy dùng SHA-256 trở lên."
    must_act = MustAct.ADMINISTRATOR
    rule = "TT 15/2025/TT-BKHCN PL I"


class CertificateExpired(KeyProblem):
    code = "KEY_CERTIFICATE_EXPIRED"
    message = "Chứng thư số đã hết hạn từ {when}. Hãy gia hạn chứng thư số."
    rule = "NĐ 23/2025 Đ15"


class CertificateNotYetValid(KeyProblem):
    code = "KEY_CERTIFICATE_NOT_YET_VALID"
    message = "Chứng thư số chưa có hiệu lực, có hiệu lực từ {when}."
    rule = "NĐ 23/2025 Đ15"


class TokenAbsent(KeyProblem):
    code = "TOKEN_ABSENT"
    message = "Không tìm thấy thiết bị khóa ký “{token}”. Hãy cắm thiết bị rồi thử lại."


class TimestampUnavailable(PadesError):
    code = "TIMESTAMP_UNAVAILABLE"
    message = "Không lấy được dấu thời gian từ máy chủ {url}. Hãy thử lại sau."
    must_act = MustAct.ADMINISTRATOR


class LongTermUnavailable(PadesError):
    code = "LONG_TERM_UNAVAILABLE"
    message = "Không thu thập được thông tin thu hồi chứng thư để lưu trữ lâu dài: {why}."
    must_act = MustAct.ADMINISTRATOR
