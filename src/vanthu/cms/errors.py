"""The refusals of the CMS library, each with its stable code and a sentence for the person who must act."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class CmsError(VanthuError):
    """Base of all refusals of this library."""

    code = "CMS_ERROR"
    message = "Không xử lý được tệp mã hóa hoặc tệp chữ ký số."


class NotEncrypted(CmsError):
    code = "CMS_NOT_ENCRYPTED"
    message = "Tệp không phải là tệp mã hóa theo chuẩn CMS."
    must_act = MustAct.SENDER


class EnvelopeDamaged(CmsError):
    code = "CMS_DAMAGED"
    message = "Tệp mã hóa bị hỏng hoặc bị sửa đổi nên không mở được. Hãy đề nghị bên gửi gửi lại."
    must_act = MustAct.SENDER
    rule = "NĐ 30/2020 Đ21.2"


class NotForThisKey(CmsError):
    code = "CMS_NOT_FOR_THIS_KEY"
    message = (
        "Tệp không được mã hóa cho khóa nào của cơ quan (tệp mã hóa cho chứng thư số: {recipients}). "
        "Hãy đề nghị bên gửi mã hóa lại bằng chứng thư số hiện dùng của cơ quan."
    )
    must_act = MustAct.SENDER


class AlgorithmRefused(CmsError):
    code = "CMS_ALGORITHM_REFUSED"
    message = "Tệp được mã hóa bằng thuật toán không thuộc danh mục được dùng ({algorithm})."
    must_act = MustAct.SENDER
    rule = "TT 15/2025/TT-BKHCN PL I; QĐ 33/2019/QĐ-UBND Đ13.2"


class CertificateUnfit(CmsError):
    code = "CMS_CERTIFICATE_UNFIT"
    message = "Không dùng được chứng thư số “{subject}” để mã hóa: {why}."
    must_act = MustAct.ADMINISTRATOR
    rule = "QĐ 33/2019/QĐ-UBND Đ13"


class NoRecipients(CmsError):
    code = "CMS_NO_RECIPIENTS"
    message = "Chưa có chứng thư số nào để mã hóa cho nơi nhận."


class ContentTooLarge(CmsError):
    code = "CMS_TOO_LARGE"
    message = "Nội dung giải mã vượt quá giới hạn {limit} MB."
    must_act = MustAct.SENDER
