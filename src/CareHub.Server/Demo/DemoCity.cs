using CareHub.Core.Devices;
using CareHub.Storage.Registry;

namespace CareHub.Server.Demo;

/// <summary>
/// A made-up city for demonstrations: four administrative levels, a facility of 120 beds, 200 homes, about 1,100 devices.
/// The same every time but for the devices' secrets. All names are invented.
/// </summary>
internal sealed class DemoCity
{
    private const int HomesCount = 200;
    private const string FacilityId = "songhe";

    private readonly Random _random = new(20261122);
    private readonly DeviceSecrets _secrets;
    private readonly DemoPeople _people;

    private DemoCity(DeviceSecrets secrets)
    {
        _secrets = secrets;
        _people = new DemoPeople(_random);
    }

    public List<RegionRow> Regions { get; } = [];

    public List<SiteRow> Sites { get; } = [];

    public List<SpaceRow> Spaces { get; } = [];

    public List<ResidentRow> Residents { get; } = [];

    public List<DeviceRow> Devices { get; } = [];

    /// <summary>Secrets in clear, by device: for the simulator, and nowhere else.</summary>
    public List<(DeviceRow Device, string Secret)> Credentials { get; } = [];

    public static DemoCity Build(DeviceSecrets secrets)
    {
        var city = new DemoCity(secrets);
        var communities = city.AddRegions();
        city.AddFacility(communities[0]);
        for (var number = 1; number <= HomesCount; number++)
        {
            city.AddHome(number, communities[number % communities.Count]);
        }

        return city;
    }

    private List<RegionRow> AddRegions()
    {
        Regions.Add(new RegionRow { Id = "lj", ParentId = RegistryStore.RootRegionId, Name = "临江市", Level = "city" });
        var communities = new List<RegionRow>();
        foreach (var (district, districtName, streets) in new[]
        {
            ("lj-ns", "南山区", new[] { ("lj-ns-wh", "文晖街道", new[] { "朝晖社区", "流水苑社区" }), ("lj-ns-qt", "清潭街道", new[] { "桂花社区", "莲塘社区" }) }),
            ("lj-bh", "北湖区", [("lj-bh-xq", "西桥街道", ["翠苑社区", "学院社区"]), ("lj-bh-hb", "湖滨街道", ["青年社区", "东坡社区"])]),
        })
        {
            Regions.Add(new RegionRow { Id = district, ParentId = "lj", Name = districtName, Level = "district" });
            foreach (var (street, streetName, names) in streets)
            {
                Regions.Add(new RegionRow { Id = street, ParentId = district, Name = streetName, Level = "street" });
                for (var index = 0; index < names.Length; index++)
                {
                    var community = new RegionRow { Id = $"{street}-c{index + 1}", ParentId = street, Name = names[index], Level = "community" };
                    Regions.Add(community);
                    communities.Add(community);
                }
            }
        }

        return communities;
    }

    /// <summary>Two buildings × three floors × ten rooms × two beds.</summary>
    private void AddFacility(RegionRow community)
    {
        Sites.Add(new SiteRow
        {
            Id = FacilityId, RegionId = community.Id, Kind = "facility", Name = "松鹤园养老院", Address = "临江市南山区文晖街道松鹤路 8 号",
            Phone = "0571-5550-0100", AccessNotes = "夜间走东门，值班室 24 小时有人；钥匙柜在一楼护士站",
        });
        for (var building = 1; building <= 2; building++)
        {
            var buildingId = AddSpace(FacilityId, $"{FacilityId}-{building}", null, "building", $"{building} 号楼", $"{building} 号楼");
            for (var floor = 1; floor <= 3; floor++)
            {
                var floorId = AddSpace(FacilityId, $"{buildingId}-{floor}", buildingId, "floor", $"{floor} 层", $"{building} 号楼 {floor} 层");
                AddDevice($"gw-{building}{floor}", DeviceKinds.Gateway, FacilityId, floorId, null, $"{floor} 层网关");
                for (var room = 1; room <= 10; room++)
                {
                    AddRoom(building, floor, room, floorId);
                }
            }
        }
    }

    private void AddRoom(int building, int floor, int room, string floorId)
    {
        var number = $"{building}{floor}{room:00}";
        var roomId = AddSpace(FacilityId, $"{FacilityId}-r{number}", floorId, "room", number, $"{number} 室 · {building} 号楼 {floor} 层");
        AddDevice($"smoke-{number}", DeviceKinds.SmokeDetector, FacilityId, roomId, null, "房间烟感");
        for (var bed = 1; bed <= 2; bed++)
        {
            var bedId = AddSpace(FacilityId, $"{roomId}-{bed}", roomId, "bed", $"{bed} 床", $"{number} 室 {bed} 床 · {building} 号楼 {floor} 层");
            var resident = AddResident($"r-{number}-{bed}", FacilityId, bedId, livesAlone: false);
            AddDevice($"btn-{number}-{bed}", DeviceKinds.EmergencyButton, FacilityId, bedId, resident, "床头呼叫按钮");
            AddDevice($"bed-{number}-{bed}", DeviceKinds.BedSensor, FacilityId, bedId, resident, "床垫传感器");
        }

        if (room % 2 == 0)
        {
            AddDevice($"fall-{number}", DeviceKinds.FallSensor, FacilityId, roomId, null, "卫生间跌倒雷达");
        }
    }

    private void AddHome(int number, RegionRow community)
    {
        var siteId = $"home-{number:0000}";
        var (street, address) = _people.Address(community.Name);
        Sites.Add(new SiteRow
        {
            Id = siteId, RegionId = community.Id, Kind = "home", Name = street, Address = address,
            AccessNotes = _random.Next(3) == 0 ? "单元门禁：请拨社区值班电话开门" : "门禁可按房号呼叫，邻居有备用钥匙",
        });
        var bedroom = AddSpace(siteId, $"{siteId}-bed", null, "room", "卧室", "卧室");
        var kitchen = AddSpace(siteId, $"{siteId}-kitchen", null, "room", "厨房", "厨房");
        var bathroom = AddSpace(siteId, $"{siteId}-bath", null, "room", "卫生间", "卫生间");
        var livesAlone = _random.Next(5) < 3;
        var resident = AddResident($"r-{number:0000}", siteId, bedroom, livesAlone);
        AddDevice($"btn-{number:0000}", DeviceKinds.EmergencyButton, siteId, bedroom, resident, "随身呼叫按钮");
        AddDevice($"fall-{number:0000}", DeviceKinds.FallSensor, siteId, bathroom, resident, "卫生间跌倒雷达");
        AddDevice($"smoke-{number:0000}", DeviceKinds.SmokeDetector, siteId, kitchen, resident, "厨房烟感");
        if (livesAlone)
        {
            AddDevice($"motion-{number:0000}", DeviceKinds.MotionSensor, siteId, bedroom, resident, "人体活动传感器");
        }

        switch (number % 10)
        {
            case 0 or 1 or 2:
                AddDevice($"gas-{number:0000}", DeviceKinds.GasDetector, siteId, kitchen, resident, "燃气报警器");
                break;
            case 3:
                AddDevice($"co-{number:0000}", DeviceKinds.CoDetector, siteId, kitchen, resident, "一氧化碳报警器");
                break;
            case 4 or 5:
                AddDevice($"vital-{number:0000}", DeviceKinds.VitalMonitor, siteId, bedroom, resident, "生命体征监测");
                break;
            case 6:
                AddDevice($"env-{number:0000}", DeviceKinds.EnvironmentSensor, siteId, bedroom, resident, "温湿度计");
                break;
            default:
                AddDevice($"door-{number:0000}", DeviceKinds.DoorSensor, siteId, kitchen, resident, "门磁");
                break;
        }
    }

    private string AddSpace(string siteId, string id, string? parentId, string kind, string name, string label)
    {
        Spaces.Add(new SpaceRow { Id = id, SiteId = siteId, ParentId = parentId, Kind = kind, Name = name, Label = label });
        return id;
    }

    private string AddResident(string id, string siteId, string spaceId, bool livesAlone)
    {
        Residents.Add(_people.Resident(id, siteId, spaceId, livesAlone));
        return id;
    }

    private void AddDevice(string id, string kind, string siteId, string spaceId, string? residentId, string name)
    {
        var secret = DeviceSecrets.Generate();
        var device = new DeviceRow
        {
            Id = id, Kind = kind, SiteId = siteId, SpaceId = spaceId, ResidentId = residentId, Name = name, Model = "CareHub Demo",
            SecretHash = _secrets.Hash(secret), IntervalSeconds = 300,
        };
        Devices.Add(device);
        Credentials.Add((device, secret));
    }
}
