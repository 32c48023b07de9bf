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


class FieldOfAgency(PadesError):
    code = "FIELD_OF_AGENCY"
    message = "Ô chữ ký “{field}” dành cho chữ ký số của cơ quan, cá nhân không ký vào đó."
    rule = "NĐ 30/2020 Đ33"


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


class NotNumberedYet(PadesError):
    """A joint document is sealed by nobody before it bears its number."""

    code = "NOT_NUMBERED_YET"
    message = "Văn bản liên tịch chưa được ghi số, ngày ban hành nên chưa đóng dấu được."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ15"


class NumberDiffers(PadesError):
    """The number in the file is not the register's."""

    code = "NUMBER_IN_FILE_DIFFERS"
    message = (
        "Số, ngày trong tệp ({kept}) khác với sổ đăng ký; không đóng dấu được. Hãy báo quản trị hệ thống."
    )
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 30/2020 Đ15"


class SignatureBroken(PadesError):
    code = "SIGNATURE_BROKEN"
    message = "Chữ ký số của {signer} không còn hợp lệ: {why}. Hãy trình ký lại từ tệp gốc."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ33"


class ImageRefused(PadesError):
    code = "IMAGE_REFUSED"
    message = "Hình ảnh chữ ký hoặc con dấu phải là tệp PNG, không quá 4 triệu điểm ảnh."
    rule = "NĐ 30/2020 PL I.II.7d, 8a"


class ImageBlank(PadesError):
    code = "IMAGE_BLANK"
    message = "Hình ảnh không có nét chữ ký hoặc con dấu nào rõ. Hãy quét lại trên giấy trắng, mực đậm, rồi tải lên."
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


class TokenBusy(KeyProblem):
    code = "TOKEN_BUSY"
    message = "Thiết bị khóa ký “{token}” đang được người khác dùng. Hãy thử lại sau ít phút."


class SchemeAbsent(KeyProblem):
    code = "KEY_SCHEME_ABSENT"
    message = (
        "Thiết bị hoặc dịch vụ giữ khóa không ký được theo RSASSA-PSS mà hệ thống đang dùng; chưa có gì được ký. "
        "Quản trị hệ thống cần đặt lại VANTHU_RSA_SIGNATURES."
    )
    must_act = MustAct.ADMINISTRATOR


class TokenTrouble(KeyProblem):
    code = "TOKEN_TROUBLE"
    message = "Thiết bị khóa ký “{token}” báo lỗi ({detail}). Hãy rút ra, cắm lại rồi thử lại."


class PinWrong(WrongPassphrase):
    code = "TOKEN_PIN_WRONG"
    message = "Mã PIN không đúng. Nhập sai nhiều lần, thiết bị sẽ tự khóa."


class PinLastTry(WrongPassphrase):
    code = "TOKEN_PIN_LAST_TRY"
    message = "Mã PIN không đúng và chỉ còn một lần nhập. Hãy dừng lại, hỏi nơi cấp thiết bị nếu không chắc."


class PinLocked(KeyProblem):
    code = "TOKEN_PIN_LOCKED"
    message = "Thiết bị khóa ký đã bị khóa vì nhập sai mã PIN nhiều lần. Hãy liên hệ nơi cấp để mở khóa."


class PinExpired(KeyProblem):
    code = "TOKEN_PIN_EXPIRED"
    message = "Mã PIN đã hết hạn hoặc chưa được đổi lần đầu. Hãy đổi mã PIN bằng phần mềm của thiết bị."


class RemoteUnavailable(KeyProblem):
    code = "REMOTE_SIGNING_UNAVAILABLE"
    message = "Dịch vụ ký số từ xa “{service}” không trả lời. Chưa có gì được ký; hãy thử lại sau."
    must_act = MustAct.ADMINISTRATOR


class RemoteRefused(KeyProblem):
    code = "REMOTE_SIGNING_REFUSED"
    message = "Dịch vụ ký số từ xa “{service}” từ chối: {why}."


class RemoteNotAllowed(KeyProblem):
    code = "REMOTE_SIGNING_NOT_ALLOWED"
    message = (
        "Dịch vụ ký số từ xa “{service}” không nhận tài khoản của hệ thống. Hãy kiểm tra cấu hình kết nối."
    )
    must_act = MustAct.ADMINISTRATOR


class RemoteKeyUnknown(KeyProblem):
    code = "REMOTE_KEY_UNKNOWN"
    message = "Dịch vụ ký số từ xa “{service}” không có khóa “{credential}” hoặc khóa đã bị dừng."


class RemotePinWrong(WrongPassphrase):
    code = "REMOTE_PIN_WRONG"
    message = "Mã PIN của khóa ký từ xa không đúng."


class RemoteOtpWrong(WrongPassphrase):
    code = "REMOTE_OTP_WRONG"
    message = "Mã OTP không đúng hoặc đã hết hạn. Hãy yêu cầu gửi mã mới."


class RemoteSignInNeeded(KeyProblem):
    code = "REMOTE_SIGN_IN_NEEDED"
    message = (
        "Bạn chưa kết nối với dịch vụ ký số từ xa “{service}”, hoặc kết nối đã hết hạn. Hãy kết nối ở trang "
        "“Khóa ký của tôi” rồi làm lại."
    )


class RemoteSignInRefused(KeyProblem):
    code = "REMOTE_SIGN_IN_REFUSED"
    message = "Bạn đã từ chối trên trang của dịch vụ ký số từ xa “{service}”; chưa có gì được ký."


class RemoteCodeRefused(KeyProblem):
    code = "REMOTE_CODE_REFUSED"
    message = (
        "Dịch vụ ký số từ xa “{service}” không nhận mã xác nhận (đã hết hạn hoặc đã dùng); chưa có gì được ký. "
        "Hãy làm lại."
    )


class TooManyAtOnce(KeyProblem):
    code = "REMOTE_TOO_MANY_AT_ONCE"
    message = (
        "Dịch vụ ký số từ xa “{service}” chỉ ký {most} tệp trong một lần xác nhận; lần này có {wanted} tệp."
    )


class KeyElsewhere(KeyProblem):
    code = "KEY_ELSEWHERE"
    message = (
        "Khóa ký nằm trên thiết bị của người ký, hoặc ở dịch vụ đòi người ký xác nhận. Hãy mở văn bản trên trang web "
        "và ký ở đó."
    )


class TimestampUnavailable(PadesError):
    code = "TIMESTAMP_UNAVAILABLE"
    message = "Không lấy được dấu thời gian từ máy chủ {url}. Hãy thử lại sau."
    must_act = MustAct.ADMINISTRATOR


class LongTermUnavailable(PadesError):
    code = "LONG_TERM_UNAVAILABLE"
    message = "Không thu thập được thông tin thu hồi chứng thư để lưu trữ lâu dài: {why}."
    must_act = MustAct.ADMINISTRATOR


class TrustUnreadable(PadesError):
    code = "TRUST_UNREADABLE"
    message = "Tệp {file} không chứa chứng thư số dạng PEM. Hãy chỉ ra tệp PEM, hoặc thư mục có tệp *.pem."
    must_act = MustAct.ADMINISTRATOR
