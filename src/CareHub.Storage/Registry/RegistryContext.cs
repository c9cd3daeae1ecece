using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Registry;

/// <summary>The registry: regions, sites, spaces, residents, devices, and who may sign in.</summary>
internal sealed class RegistryContext(DbContextOptions<RegistryContext> options) : IdentityUserContext<CareUser>(options)
{
    public DbSet<RegionRow> Regions => Set<RegionRow>();

    public DbSet<SiteRow> Sites => Set<SiteRow>();

    public DbSet<SpaceRow> Spaces => Set<SpaceRow>();

    public DbSet<ResidentRow> Residents => Set<ResidentRow>();

    public DbSet<DeviceRow> Devices => Set<DeviceRow>();

    public DbSet<ServiceRow> Services => Set<ServiceRow>();

    public DbSet<ClaimCodeRow> ClaimCodes => Set<ClaimCodeRow>();

    public DbSet<RegistryTimelineRow> Timeline => Set<RegistryTimelineRow>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<CareUser>(user =>
        {
            user.ToTable("users");
            user.HasOne<RegionRow>().WithMany().HasForeignKey(row => row.RegionId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<IdentityUserClaim<string>>().ToTable("user_claims");
        builder.Entity<IdentityUserLogin<string>>().ToTable("user_logins");
        builder.Entity<IdentityUserToken<string>>().ToTable("user_tokens");

        builder.Entity<RegionRow>(region =>
        {
            region.ToTable("regions");
            region.HasOne<RegionRow>().WithMany().HasForeignKey(row => row.ParentId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<SiteRow>(site =>
        {
            site.ToTable("sites");
            site.HasOne<RegionRow>().WithMany().HasForeignKey(row => row.RegionId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<SpaceRow>(space =>
        {
            space.ToTable("spaces");
            space.HasOne<SiteRow>().WithMany().HasForeignKey(row => row.SiteId).OnDelete(DeleteBehavior.Restrict);
            space.HasOne<SpaceRow>().WithMany().HasForeignKey(row => row.ParentId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<ResidentRow>(resident =>
        {
            resident.ToTable("residents");
            resident.HasOne<SiteRow>().WithMany().HasForeignKey(row => row.SiteId).OnDelete(DeleteBehavior.Restrict);
            resident.HasOne<SpaceRow>().WithMany().HasForeignKey(row => row.SpaceId).OnDelete(DeleteBehavior.Restrict);
            resident.HasMany(row => row.Contacts).WithOne().HasForeignKey(row => row.ResidentId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<ContactRow>().ToTable("contacts");
        builder.Entity<DeviceRow>(device =>
        {
            device.ToTable("devices");
            device.HasOne<SiteRow>().WithMany().HasForeignKey(row => row.SiteId).OnDelete(DeleteBehavior.Restrict);
            device.HasOne<SpaceRow>().WithMany().HasForeignKey(row => row.SpaceId).OnDelete(DeleteBehavior.Restrict);
            device.HasOne<ResidentRow>().WithMany().HasForeignKey(row => row.ResidentId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<ServiceRow>(service =>
        {
            service.ToTable("services");
            service.HasKey(row => row.Name);
        });
        builder.Entity<ClaimCodeRow>(code =>
        {
            code.ToTable("claim_codes");
            code.HasKey(row => row.Hash);
            code.HasOne<DeviceRow>().WithMany().HasForeignKey(row => row.DeviceId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<RegistryTimelineRow>(entry =>
        {
            entry.ToTable("registry_timeline");
            entry.HasKey(row => row.Seq);
            entry.Property(row => row.Seq).ValueGeneratedNever();
            entry.HasIndex(row => row.Subject);
        });
    }
}
