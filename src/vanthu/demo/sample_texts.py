"""What the sample documents say: invented, plausible matters of a province, written for this project.

People are invented; laws that are cited exist. Owns words only; ``samples`` makes pages of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Matter:
    """One matter of business, told in the four genres that the samples print.

    ``{issuer}`` in a proposal stands for the name of the agency that proposes.
    """

    key: str
    subject: str
    grounds: tuple[str, ...]
    articles: tuple[str, ...]
    letter: tuple[str, ...]
    report: tuple[str, ...]
    proposal: tuple[str, ...]


_LOCAL_GOVERNMENT_LAW = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;"

DISASTERS = Matter(
    key="phong-chong-thien-tai",
    subject="phòng, chống thiên tai và tìm kiếm cứu nạn năm 2026 trên địa bàn tỉnh",
    grounds=(
        _LOCAL_GOVERNMENT_LAW,
        "Căn cứ Luật Phòng, chống thiên tai ngày 19 tháng 6 năm 2013 và Luật sửa đổi, bổ sung một số"
        " điều của Luật Phòng, chống thiên tai và Luật Đê điều ngày 17 tháng 6 năm 2020;",
        "Căn cứ Luật Phòng thủ dân sự ngày 20 tháng 6 năm 2023;",
        "Theo đề nghị của Giám đốc Sở Nông nghiệp và Môi trường.",
    ),
    articles=(
        "Điều 1. Phê duyệt Phương án phòng, chống thiên tai và tìm kiếm cứu nạn năm 2026 trên địa"
        " bàn tỉnh với phương châm “bốn tại chỗ”: chỉ huy tại chỗ, lực lượng tại chỗ, phương tiện và"
        " vật tư tại chỗ, hậu cần tại chỗ; lấy phòng ngừa là chính, bảo đảm an toàn tính mạng của"
        " Nhân dân là trên hết.",
        "Điều 2. Giao Sở Nông nghiệp và Môi trường chủ trì, phối hợp với Bộ Chỉ huy Quân sự tỉnh và"
        " Ủy ban nhân dân các xã, phường rà soát khu vực có nguy cơ sạt lở đất, lũ quét, ngập sâu;"
        " hoàn thành bản đồ sơ tán đến từng hộ gia đình trước ngày 31 tháng 8 năm 2026.",
        "Điều 3. Kinh phí thực hiện được bảo đảm từ Quỹ Phòng, chống thiên tai của tỉnh, dự phòng"
        " ngân sách các cấp và các nguồn hợp pháp khác. Sở Tài chính hướng dẫn việc quản lý, thanh"
        " toán, quyết toán theo quy định.",
        "Điều 4. Quyết định này có hiệu lực thi hành kể từ ngày ký. Chánh Văn phòng Ủy ban nhân dân"
        " tỉnh, Giám đốc Sở Nông nghiệp và Môi trường, Giám đốc Sở Tài chính, Thủ trưởng các cơ"
        " quan, đơn vị có liên quan và Chủ tịch Ủy ban nhân dân các xã, phường chịu trách nhiệm thi"
        " hành Quyết định này./.",
    ),
    letter=(
        "Theo bản tin dự báo của Đài Khí tượng Thủy văn khu vực, trong ba ngày tới trên địa bàn tỉnh"
        " có mưa vừa, mưa to, có nơi mưa rất to; lượng mưa phổ biến từ 150 đến 250 mm, nguy cơ cao"
        " xảy ra lũ quét, sạt lở đất ở các xã vùng núi và ngập úng tại các vùng trũng thấp.",
        "Để chủ động ứng phó, giảm thiểu thiệt hại, yêu cầu các cơ quan, đơn vị, địa phương triển"
        " khai ngay các nội dung sau:",
        "1. Ủy ban nhân dân các xã, phường kiểm tra, rà soát các khu dân cư ven sông, ven suối, sườn"
        " dốc; sẵn sàng di dời người dân ra khỏi khu vực nguy hiểm trước 17 giờ hằng ngày khi có"
        " cảnh báo cấp 3 trở lên.",
        "2. Các công ty quản lý, khai thác công trình thủy lợi vận hành hồ chứa theo đúng quy trình"
        " đã được phê duyệt, thông báo cho vùng hạ du ít nhất 06 giờ trước khi xả lũ.",
        "3. Sở Xây dựng bố trí lực lượng, phương tiện tại các vị trí thường xuyên bị ngập, sạt lở"
        " trên các tuyến đường tỉnh; kiên quyết không cho người và phương tiện qua lại khi chưa bảo"
        " đảm an toàn.",
        "Các cơ quan, đơn vị, địa phương tổ chức trực ban 24/24 giờ, báo cáo tình hình về Văn phòng"
        " thường trực Ban Chỉ huy Phòng thủ dân sự tỉnh trước 16 giờ hằng ngày để tổng hợp, chỉ"
        " đạo./.",
    ),
    report=(
        "I. TÌNH HÌNH THIÊN TAI",
        "Từ đầu năm đến nay, trên địa bàn tỉnh xảy ra 07 đợt mưa lớn, 02 cơn bão ảnh hưởng trực tiếp"
        " và 11 vụ sạt lở đất. Thiên tai làm 42 ngôi nhà bị hư hỏng, 315 ha lúa và hoa màu bị ngập,"
        " 4,2 km đường giao thông nông thôn bị sạt lở; không có thiệt hại về người.",
        "II. KẾT QUẢ THỰC HIỆN",
        "1. Công tác phòng ngừa",
        "Đã kiểm tra 100% hồ chứa trước mùa mưa lũ, sửa chữa 14 hồ bị xuống cấp; diễn tập ứng phó"
        " tại 38 xã, phường với hơn 4.600 lượt người tham gia; cập nhật bản đồ sơ tán cho 212 điểm"
        " có nguy cơ sạt lở.",
        "2. Công tác khắc phục hậu quả",
        "Đã hỗ trợ kịp thời 1,86 tỷ đồng từ Quỹ Phòng, chống thiên tai; huy động 1.240 lượt cán bộ,"
        " chiến sĩ giúp Nhân dân sửa chữa nhà cửa, thu hoạch lúa, thông tuyến giao thông trong vòng"
        " 48 giờ.",
        "III. NHIỆM VỤ THỜI GIAN TỚI",
        "Tiếp tục theo dõi chặt chẽ diễn biến thời tiết; hoàn thành lắp đặt 25 trạm đo mưa tự động;"
        " đưa dữ liệu cảnh báo lên hệ thống thông tin dùng chung của tỉnh để các địa phương khai"
        " thác, sử dụng./.",
    ),
    proposal=(
        "Thực hiện Kế hoạch phòng thủ dân sự năm 2026, {issuer} đã chủ trì, phối"
        " hợp với các sở, ngành và địa phương xây dựng dự thảo Phương án phòng, chống thiên tai và"
        " tìm kiếm cứu nạn năm 2026.",
        "Dự thảo đã được lấy ý kiến của 12 sở, ngành và 69 xã, phường; đến nay 100% cơ quan được hỏi"
        " đã có ý kiến và cơ bản thống nhất. Các ý kiến góp ý đã được tiếp thu, giải trình tại bảng"
        " tổng hợp kèm theo.",
        "{issuer} kính trình Ủy ban nhân dân tỉnh xem xét, phê duyệt./.",
    ),
)

DIGITAL = Matter(
    key="chuyen-doi-so",
    subject="triển khai chuyển đổi số trong hoạt động của cơ quan nhà nước năm 2026",
    grounds=(
        _LOCAL_GOVERNMENT_LAW,
        "Căn cứ Luật Giao dịch điện tử ngày 22 tháng 6 năm 2023;",
        "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
        "Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ.",
    ),
    articles=(
        "Điều 1. Ban hành kèm theo Quyết định này danh mục 24 nhiệm vụ chuyển đổi số trong hoạt động"
        " của cơ quan nhà nước năm 2026, trong đó ưu tiên việc gửi, nhận văn bản điện tử có ký số"
        " giữa các cơ quan trên Trục liên thông văn bản của tỉnh.",
        "Điều 2. Từ ngày 01 tháng 7 năm 2026, văn bản không thuộc phạm vi bí mật nhà nước gửi giữa"
        " các cơ quan, đơn vị trong tỉnh được thực hiện bằng văn bản điện tử có chữ ký số của người"
        " có thẩm quyền và chữ ký số của cơ quan, không gửi kèm văn bản giấy, trừ trường hợp pháp"
        " luật quy định khác.",
        "Điều 3. Sở Khoa học và Công nghệ theo dõi, đôn đốc, định kỳ hằng quý tổng hợp kết quả, báo"
        " cáo Ủy ban nhân dân tỉnh; công khai tỷ lệ văn bản điện tử của từng cơ quan trên Cổng thông"
        " tin điện tử của tỉnh.",
        "Điều 4. Chánh Văn phòng Ủy ban nhân dân tỉnh, Giám đốc các sở, Thủ trưởng các ban, ngành,"
        " Chủ tịch Ủy ban nhân dân các xã, phường và các tổ chức, cá nhân có liên quan chịu trách"
        " nhiệm thi hành Quyết định này./.",
    ),
    letter=(
        "Thực hiện chương trình công tác năm 2026, để bảo đảm việc gửi, nhận văn bản điện tử thông"
        " suốt sau khi sắp xếp đơn vị hành chính, đề nghị các cơ quan, đơn vị, địa phương thực hiện"
        " một số nội dung sau:",
        "1. Rà soát mã định danh của cơ quan, đơn vị mình và các đơn vị trực thuộc; báo cáo các mã"
        " không còn sử dụng để cập nhật vào danh mục điện tử dùng chung trước ngày 15 tháng 12 năm"
        " 2026.",
        "2. Kiểm tra thời hạn chứng thư số của người có thẩm quyền và chứng thư số của cơ quan;"
        " chứng thư số còn thời hạn dưới 60 ngày phải làm thủ tục gia hạn.",
        "3. Phân công văn thư trực tiếp nhận văn bản điện tử trong ngày; không để văn bản đến quá"
        " một ngày làm việc mà chưa đăng ký, chưa trình lãnh đạo.",
        "Trong quá trình thực hiện, nếu có vướng mắc, đề nghị phản ánh về Sở Khoa học và Công nghệ"
        " (Phòng Chuyển đổi số) để phối hợp giải quyết./.",
    ),
    report=(
        "I. KẾT QUẢ ĐẠT ĐƯỢC",
        "1. Gửi, nhận văn bản điện tử",
        "Trong 10 tháng năm 2026, các cơ quan trong tỉnh đã gửi 186.420 lượt văn bản qua Trục liên"
        " thông, trong đó 99,2% có đủ chữ ký số của người có thẩm quyền và của cơ quan; thời gian từ"
        " khi ký đến khi bên nhận có văn bản giảm từ 1,8 ngày xuống còn 11 phút.",
        "2. Dịch vụ công trực tuyến",
        "Tỷ lệ hồ sơ trực tuyến toàn trình đạt 78,6%, tăng 12,3 điểm phần trăm so với cùng kỳ năm"
        " trước; 94% hồ sơ được số hóa ngay khi tiếp nhận.",
        "II. TỒN TẠI, HẠN CHẾ",
        "Một số xã còn thiếu máy quét và đường truyền dự phòng; có nơi vẫn in văn bản điện tử ra"
        " giấy để trình, làm chậm việc xử lý; việc lập hồ sơ công việc trên môi trường điện tử mới"
        " đạt 61%.",
        "III. PHƯƠNG HƯỚNG",
        "Tập trung đào tạo cán bộ văn thư cấp xã, bổ sung thiết bị cho 26 xã còn thiếu và gắn kết"
        " quả xử lý văn bản điện tử với việc đánh giá, xếp loại cơ quan, người đứng đầu hằng quý./.",
    ),
    proposal=(
        "Thực hiện nhiệm vụ được giao, {issuer} đã xây dựng dự thảo Quyết định ban"
        " hành danh mục nhiệm vụ chuyển đổi số trong hoạt động của cơ quan nhà nước năm 2026.",
        "1. Sự cần thiết ban hành",
        "Sau khi sắp xếp đơn vị hành chính, số đầu mối gửi, nhận văn bản giảm nhưng khối lượng văn"
        " bản ở cấp xã tăng gần ba lần; cần xác định rõ nhiệm vụ, thời hạn, người chịu trách nhiệm"
        " để việc điều hành không gián đoạn.",
        "2. Nội dung chính của dự thảo",
        "Dự thảo gồm 04 điều và danh mục 24 nhiệm vụ, mỗi nhiệm vụ có cơ quan chủ trì, cơ quan phối"
        " hợp, thời hạn hoàn thành và sản phẩm. Tổng kinh phí dự kiến 18,4 tỷ đồng, đã cân đối trong"
        " dự toán ngân sách năm 2026.",
        "{issuer} kính trình Ủy ban nhân dân tỉnh xem xét, quyết định./.",
    ),
)

REFORM = Matter(
    key="cai-cach-hanh-chinh",
    subject="đẩy mạnh cải cách hành chính, nâng cao chất lượng phục vụ người dân và doanh nghiệp",
    grounds=(
        _LOCAL_GOVERNMENT_LAW,
        "Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ"
        " tục hành chính theo cơ chế một cửa, một cửa liên thông;",
        "Theo đề nghị của Giám đốc Sở Nội vụ.",
    ),
    articles=(
        "Điều 1. Thành lập Tổ công tác cải cách hành chính của tỉnh gồm 09 thành viên do Phó Chủ"
        " tịch Ủy ban nhân dân tỉnh làm Tổ trưởng; Sở Nội vụ là cơ quan thường trực.",
        "Điều 2. Tổ công tác có nhiệm vụ kiểm tra việc giải quyết thủ tục hành chính tại các cơ"
        " quan, địa phương; kiến nghị cắt giảm ít nhất 30% thời gian giải quyết và 30% chi phí tuân"
        " thủ; xử lý phản ánh, kiến nghị của người dân, doanh nghiệp trong thời hạn 05 ngày làm việc.",
        "Điều 3. Chánh Văn phòng Ủy ban nhân dân tỉnh, Giám đốc Sở Nội vụ, Thủ trưởng các cơ quan,"
        " đơn vị có liên quan và các thành viên Tổ công tác chịu trách nhiệm thi hành Quyết định này"
        " kể từ ngày ký./.",
    ),
    letter=(
        "Qua kiểm tra đột xuất tại một số Trung tâm Phục vụ hành chính công cấp xã, vẫn còn tình"
        " trạng hồ sơ quá hạn không có thư xin lỗi, yêu cầu người dân bổ sung hồ sơ quá một lần.",
        "Để chấn chỉnh, nâng cao chất lượng phục vụ, yêu cầu Thủ trưởng các cơ quan, Chủ tịch Ủy ban"
        " nhân dân các xã, phường trực tiếp kiểm tra hồ sơ quá hạn hằng tuần; thực hiện nghiêm việc"
        " xin lỗi bằng văn bản và hẹn lại không quá một lần; niêm yết công khai số điện thoại tiếp"
        " nhận phản ánh.",
        "Giao Sở Nội vụ theo dõi, tổng hợp kết quả, báo cáo Ủy ban nhân dân tỉnh trước ngày 25 hằng tháng./.",
    ),
    report=(
        "I. KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
        "Trong quý III năm 2026, toàn tỉnh tiếp nhận 241.306 hồ sơ, đã giải quyết 233.914 hồ sơ,"
        " trong đó giải quyết trước hạn và đúng hạn 232.001 hồ sơ, đạt 99,18%; quá hạn 1.913 hồ sơ,"
        " tập trung ở lĩnh vực đất đai.",
        "II. ĐỀ XUẤT, KIẾN NGHỊ",
        "Đề nghị Ủy ban nhân dân tỉnh cho phép điều chuyển 34 biên chế về Trung tâm Phục vụ hành"
        " chính công của các xã có trên 2.500 hồ sơ mỗi tháng; bổ sung kinh phí nâng cấp hệ thống"
        " lấy số tự động tại 12 phường./.",
    ),
    proposal=(
        "Thực hiện ý kiến chỉ đạo của Chủ tịch Ủy ban nhân dân tỉnh, {issuer} đã phối hợp với Văn"
        " phòng Ủy ban nhân dân tỉnh xây dựng dự thảo Quyết định thành lập Tổ công tác cải cách hành"
        " chính của tỉnh.",
        "{issuer} kính trình Ủy ban nhân dân tỉnh xem xét, quyết định./.",
    ),
)

INVESTMENT = Matter(
    key="dau-tu-cong",
    subject="giải ngân vốn đầu tư công và giao chi tiết kế hoạch vốn năm 2026",
    grounds=(
        _LOCAL_GOVERNMENT_LAW,
        "Căn cứ Luật Đầu tư công ngày 29 tháng 11 năm 2024;",
        "Căn cứ Luật Ngân sách nhà nước ngày 25 tháng 6 năm 2025;",
        "Theo đề nghị của Giám đốc Sở Tài chính.",
    ),
    articles=(
        "Điều 1. Giao chi tiết kế hoạch vốn đầu tư công năm 2026 cho các chủ đầu tư với tổng số vốn"
        " 3.482,6 tỷ đồng, theo danh mục và mức vốn tại Phụ lục kèm theo Quyết định này.",
        "Điều 2. Các chủ đầu tư chịu trách nhiệm toàn diện về tiến độ, chất lượng công trình; bảo"
        " đảm giải ngân đạt trên 95% kế hoạch đến hết ngày 31 tháng 01 năm 2027.",
        "Điều 3. Chánh Văn phòng Ủy ban nhân dân tỉnh, Giám đốc Sở Tài chính, Giám đốc Kho bạc Nhà"
        " nước khu vực và các chủ đầu tư chịu trách nhiệm thi hành Quyết định này kể từ ngày ký./.",
    ),
    letter=(
        "Đến hết tháng 10 năm 2026, toàn tỉnh giải ngân được 2.194 tỷ đồng, đạt 63% kế hoạch; 09 chủ"
        " đầu tư có tỷ lệ giải ngân dưới 40%. Nguyên nhân chủ yếu là chậm bàn giao mặt bằng và thiếu"
        " vật liệu đắp nền.",
        "Đề nghị các chủ đầu tư lập tiến độ giải ngân theo từng tuần cho từng dự án, gửi Sở Tài"
        " chính trước ngày 05 tháng 12 năm 2026; chủ động đề xuất điều chuyển vốn của các dự án"
        " không có khả năng giải ngân.",
        "Giao Sở Tài chính tổng hợp, tham mưu Ủy ban nhân dân tỉnh điều chỉnh kế hoạch trong tháng"
        " 12 năm 2026./.",
    ),
    report=(
        "I. TÌNH HÌNH GIẢI NGÂN",
        "Tổng kế hoạch vốn đầu tư công năm 2026 là 3.482,6 tỷ đồng. Đến hết tháng 10 đã giải ngân"
        " 2.194 tỷ đồng, đạt 63%, cao hơn cùng kỳ 4,5 điểm phần trăm.",
        "II. KHÓ KHĂN, VƯỚNG MẮC",
        "Có 27 dự án vướng mặt bằng với 412 hộ chưa nhận tiền bồi thường; giá cát, đất đắp tăng từ"
        " 15% đến 20%; năng lực của một số ban quản lý dự án cấp xã sau sắp xếp còn hạn chế.",
        "III. GIẢI PHÁP",
        "Thành lập 03 tổ công tác do lãnh đạo Ủy ban nhân dân tỉnh làm tổ trưởng, làm việc hằng tuần"
        " với các chủ đầu tư; kiên quyết điều chuyển vốn từ dự án chậm sang dự án có khối lượng hoàn"
        " thành./.",
    ),
    proposal=(
        "Trên cơ sở rà soát tiến độ của 146 dự án, {issuer} đã xây dựng phương án giao chi tiết"
        " kế hoạch vốn đầu tư công năm 2026, bảo đảm nguyên tắc ưu tiên dự án chuyển tiếp, dự án"
        " hoàn thành trong năm.",
        "{issuer} kính trình Ủy ban nhân dân tỉnh xem xét, phê duyệt./.",
    ),
)

MATTERS: dict[str, Matter] = {matter.key: matter for matter in (DISASTERS, DIGITAL, REFORM, INVESTMENT)}
"""The matters by their key."""

ANNEX_COLUMNS = ("TT", "Nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn", "Sản phẩm")
ANNEX_ROWS: tuple[tuple[str, ...], ...] = (
    (
        "1",
        "Rà soát mã định danh cơ quan, đơn vị sau sắp xếp",
        "Sở Khoa học và Công nghệ",
        "Ủy ban nhân dân các xã, phường",
        "15/12/2026",
        "Danh mục mã định danh được cập nhật",
    ),
    (
        "2",
        "Cấp bổ sung chứng thư số cho người có thẩm quyền",
        "Văn phòng Ủy ban nhân dân tỉnh",
        "Các sở, ban, ngành",
        "31/12/2026",
        "100% người có thẩm quyền có chứng thư số còn hạn",
    ),
    (
        "3",
        "Trang bị máy quét cho văn thư cấp xã",
        "Sở Tài chính",
        "Sở Khoa học và Công nghệ",
        "31/3/2027",
        "26 bộ thiết bị được bàn giao",
    ),
    (
        "4",
        "Tập huấn lập hồ sơ công việc điện tử",
        "Sở Nội vụ",
        "Trường Chính trị tỉnh",
        "Quý II/2027",
        "1.200 lượt công chức được tập huấn",
    ),
    (
        "5",
        "Nộp lưu hồ sơ điện tử năm 2025 vào Lưu trữ lịch sử tỉnh",
        "Sở Nội vụ",
        "Các cơ quan thuộc danh mục nộp lưu",
        "30/6/2027",
        "Biên bản giao nhận, mục lục hồ sơ",
    ),
)
