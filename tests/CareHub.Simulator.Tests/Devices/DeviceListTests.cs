using CareHub.Simulator.Devices;

namespace CareHub.Simulator.Tests.Devices;

public sealed class DeviceListTests
{
    [Fact]
    public void The_hubs_list_is_read()
    {
        var devices = Read("device_id,kind,site_id,secret\nbtn-1,emergency_button,home-1,s3cret\r\n\nsmk-1,smoke_detector,home-1,x\n");
        Assert.Equal([new DeviceIdentity("btn-1", "emergency_button", "home-1", "s3cret"), new DeviceIdentity("smk-1", "smoke_detector", "home-1", "x")], devices);
    }

    [Theory]
    [InlineData("", "must begin with the line device_id,kind,site_id,secret")]
    [InlineData("id,kind\n", "must begin with the line device_id,kind,site_id,secret")]
    [InlineData("device_id,kind,site_id,secret\n", "is empty")]
    [InlineData("device_id,kind,site_id,secret\na,b,c,d\na,b,c\n", "Line 3")]
    [InlineData("device_id,kind,site_id,secret\na,b,\"c,d\",e\n", "Line 2")]
    [InlineData("device_id,kind,site_id,secret\na,b,c,\n", "Line 2")]
    public void A_list_that_is_not_right_is_explained(string text, string explanation) =>
        Assert.Contains(explanation, Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_made_up_fleet_has_every_kind_and_every_id_once()
    {
        var devices = DeviceList.MadeUp(1_000);
        Assert.Equal(1_000, devices.Select(device => device.Id).Distinct().Count());
        Assert.Equal(10, devices.Select(device => device.Kind).Distinct().Count());
        Assert.Equal(220, devices.Count(device => device.Kind == DeviceKinds.EmergencyButton));
    }

    private static IReadOnlyList<DeviceIdentity> Read(string text)
    {
        using var reader = new StringReader(text);
        return DeviceList.Read(reader);
    }
}
