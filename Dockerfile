# syntax=docker/dockerfile:1
FROM node:20-bookworm-slim AS console
WORKDIR /src/src/console
COPY src/console/package.json src/console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY src/console/ ./
RUN npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/ src/
COPY firmware-sim/ firmware-sim/
COPY --from=console /src/src/CareHub.Server/wwwroot/ src/CareHub.Server/wwwroot/
RUN dotnet publish src/CareHub.Server -c Release -o /out/hub --nologo \
 && dotnet publish firmware-sim -c Release -o /out/sim --nologo

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS simulator
WORKDIR /app
COPY --from=build /out/sim ./
USER app
ENTRYPOINT ["dotnet", "carehub-sim.dll", "--plain"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS hub
WORKDIR /app
COPY --from=build /out/hub ./
# The data directory belongs to the unprivileged user of the image; a volume mounted here inherits that.
RUN mkdir /data && chown app:app /data
USER app
ENV ASPNETCORE_URLS=http://0.0.0.0:8080 \
    CareHub__DataDirectory=/data \
    CareHub__Mqtt__Listen=0.0.0.0:1883
VOLUME /data
EXPOSE 8080 1883
# The image has no curl: bash speaks enough HTTP to ask whether the hub is ready.
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=5 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["dotnet", "carehub.dll"]
