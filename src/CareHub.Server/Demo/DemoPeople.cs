using CareHub.Storage.Registry;

namespace CareHub.Server.Demo;

/// <summary>Invented residents. Telephone numbers are of a form that no operator assigns.</summary>
internal sealed class DemoPeople(Random random)
{
    private static readonly string[] Surnames = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙", "马", "朱", "胡", "林", "郭", "何", "高", "罗"];
    private static readonly string[] FemaleNames = ["桂英", "秀兰", "玉珍", "凤英", "淑华", "桂兰", "素珍", "美华", "秀英", "月娥", "雪梅", "慧芬"];
    private static readonly string[] MaleNames = ["建国", "国强", "德明", "志刚", "永福", "文彬", "树林", "福生", "长河", "金山", "光荣", "世杰"];
    private static readonly string[] ChildNames = ["敏", "伟", "静", "磊", "丽", "军", "燕", "涛", "洁", "鹏"];
    private static readonly string[] Roads = ["文晖路", "桂花路", "莲塘巷", "西桥街", "学院路", "湖滨路", "青年路", "东坡路"];
    private static readonly string[] MedicalNotes = ["高血压，冠心病", "2 型糖尿病", "轻度认知障碍，易走失", "髋关节置换术后，行走不稳", "慢阻肺，家中有氧气瓶", "帕金森病", "无特殊病史"];
    private static readonly string[] Allergies = ["青霉素", "磺胺类", "海鲜", "无"];
    private static readonly string[] Medication = ["氨氯地平，阿司匹林", "二甲双胍", "多奈哌齐", "左旋多巴", "沙丁胺醇吸入剂", "无"];
    private static readonly string[] CareLevels = ["自理", "半失能", "失能"];

    private static readonly DateOnly OldestBirth = new(1934, 1, 1);
    private static readonly DateOnly EightyBefore = new(1946, 11, 22);

    public ResidentRow Resident(string id, string siteId, string spaceId, bool livesAlone)
    {
        var female = random.Next(100) < 58;
        var surname = Pick(Surnames);
        var birth = OldestBirth.AddDays(random.Next(22 * 365));
        var careLevel = CareLevels[Math.Min(random.Next(5), 2)];
        var flags = new List<string>();
        if (livesAlone)
        {
            flags.Add("lives_alone");
        }

        if (birth <= EightyBefore)
        {
            flags.Add("80_plus");
        }

        if (careLevel == "失能")
        {
            flags.Add("disabled");
        }

        return new ResidentRow
        {
            Id = id,
            SiteId = siteId,
            SpaceId = spaceId,
            Name = surname + Pick(female ? FemaleNames : MaleNames),
            BirthDate = birth,
            Sex = female ? "female" : "male",
            Phone = Phone(),
            CareLevel = careLevel,
            LivesAlone = livesAlone,
            RiskFlags = string.Join(' ', flags),
            MedicalNotes = Pick(MedicalNotes),
            Allergies = Pick(Allergies),
            Medication = Pick(Medication),
            KeySafe = livesAlone ? $"门旁钥匙盒，密码 {random.Next(1000, 9999)}" : null,
            Contacts =
            [
                new ContactRow { ResidentId = id, Position = 1, Name = surname + Pick(ChildNames), Relation = female ? "儿子" : "女儿", Phone = Phone() },
                new ContactRow { ResidentId = id, Position = 2, Name = Pick(Surnames) + Pick(ChildNames), Relation = "邻居", Phone = Phone() },
            ],
        };
    }

    public (string Name, string Address) Address(string community)
    {
        var name = $"{Pick(Roads)} {random.Next(1, 200)} 号 {random.Next(1, 12)} 幢 {random.Next(1, 4)} 单元 {random.Next(1, 7)}0{random.Next(1, 5)}";
        return (name, $"临江市{community}{name}");
    }

    private string Phone() => $"100-{random.Next(1000, 9999)}-{random.Next(1000, 9999)}";

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
